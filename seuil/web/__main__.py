"""``python -m seuil.web``: serve the gateway, the pages and the desk."""

import sys

from seuil.web.app import main

sys.exit(main())

# `make run` and `make test` need nothing before them but Python and make.
# Each step does nothing when there is nothing to do.
.PHONY: help setup setup-dev model run demo-users status test evaluate bench-turns bench-pipelines licences locks clean

help:
	@echo "make run          installe ce qui manque, entraîne le modèle, démarre Seuil (Ctrl-C l’arrête)"
	@echo "make test         installe ce que les tests demandent et les lance tous"
	@echo "make demo-users   crée un compte d’essai par rôle et affiche les mots de passe une fois"
	@echo "make status       dit l’état des programmes d’un Seuil démarré"
	@echo "make evaluate     mesure ce que l’assistant comprend (ERRORS=1 : chaque erreur)"
	@echo "make bench-turns  compare un tour de conversation à celui du bot de « rasa init »"
	@echo "make bench-pipelines  compare les façons de comprendre, sur les mêmes phrases"
	@echo "make setup, make model, make locks, make licences, make clean"

setup:
	@python3 -m scripts.setup

setup-dev:
	@python3 -m scripts.setup --dev

model: setup
	@python3 -m scripts.model

run: setup model
	@.venv/bin/python -m scripts.run

demo-users: setup
	@.venv/bin/python -m seuil.desk demo-users

status:
	@.venv/bin/python -m scripts.status

# Not through `model`: that one would bring the environments of a plain start first.
test: setup-dev
	@python3 -m scripts.system
	@python3 -m scripts.model
	@.venv/bin/python -m scripts.check

evaluate: setup-dev
	@python3 -m scripts.model
	@.venv-rasa/bin/python -m scripts.evaluate $(if $(ERRORS),--errors)

bench-turns: setup-dev model
	@.venv/bin/python -m bench.turns

bench-pipelines: setup-dev
	@.venv-rasa/bin/python -m bench.pipelines

licences: setup
	@.venv/bin/python -m scripts.licences
	@.venv-rasa/bin/python -m scripts.licences

# After a change of requirements/*.in. No registry's address is written into a lock.
UV = $(shell python3 -c "from scripts.setup import find_uv; print(find_uv())")
COMPILE = $(UV) pip compile --quiet --generate-hashes --no-emit-index-url --no-header
locks:
	cd requirements && $(COMPILE) --universal --python-version 3.9 setup.in -o setup.lock
	cd requirements && $(COMPILE) --universal --python-version 3.11 web.in -o web.lock
	cd requirements && $(COMPILE) --universal --python-version 3.11 dev.in -c web.lock -o dev.lock
	cd requirements && $(COMPILE) --python-version 3.10 rasa.in -c rasa.constraints \
	  --override rasa.overrides -o rasa.lock
	cd requirements && $(COMPILE) --python-version 3.10 rasa-dev.in -c rasa.lock \
	  -c rasa.constraints --override rasa.overrides -o rasa-dev.lock

clean:
	rm -rf .venv .venv-rasa .venv-tools models

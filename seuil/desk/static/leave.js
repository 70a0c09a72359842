// Nothing that was being written stays in the browser after a log-out.
document.querySelector("form.who")?.addEventListener("submit", () => sessionStorage.clear());

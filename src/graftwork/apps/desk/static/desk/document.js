/* A link to a passage may come without the fragment that would scroll to it. */

const lit = document.getElementById("lit");
if (lit) {
  lit.scrollIntoView({ block: "center" });
  lit.focus({ preventScroll: true });
}

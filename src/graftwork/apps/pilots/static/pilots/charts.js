// Draws the charts of a page from the figures that came with it. Where one cannot be drawn, its table stands open.

const CONFIG = { displayModeBar: false, responsive: true, staticPlot: false };
const dark = window.matchMedia("(prefers-color-scheme: dark)");

/** The colour that a CSS variable has just now, as plotly understands it. */
function colours() {
  const probe = document.body.appendChild(document.createElement("span"));
  const known = new Map();
  const look = (name) => {
    if (!known.has(name)) {
      probe.style.color = name;
      known.set(name, getComputedStyle(probe).color);
    }
    return known.get(name);
  };
  return { look, done: () => probe.remove() };
}

function coloured(value, look) {
  if (typeof value === "string") return value.startsWith("var(--") ? look(value) : value;
  if (Array.isArray(value)) return value.map((one) => coloured(one, look));
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, coloured(one, look)]));
  }
  return value;
}

async function draw(place) {
  const table = document.getElementById(`${place.id}-table`);
  const palette = colours();
  try {
    const figure = coloured(JSON.parse(document.getElementById(`${place.id}-figure`).textContent), palette.look);
    figure.layout.font = { ...figure.layout.font, family: getComputedStyle(document.body).fontFamily };
    place.hidden = false;
    await window.Plotly.react(place, figure.data, figure.layout, CONFIG);
    place.dataset.drawn = "";
  } catch {
    place.hidden = true;
    table?.setAttribute("open", "");
  } finally {
    palette.done();
  }
}

function drawAll() {
  for (const place of document.querySelectorAll("[data-chart]")) draw(place);
}

drawAll();
dark.addEventListener("change", drawAll);
document.addEventListener("htmx:afterSettle", drawAll);

// What the tests ask JupyterLab and the page: asked in the page, answered as plain values.
// JupyterLab is reached through window.jupyterapp, which a setting of the tests exposes.

const panel = () => window.jupyterapp?.shell?.currentWidget;
const command = (name, args) => window.jupyterapp.commands.execute(name, args);
const codeCells = () => [...panel().content.model.cells].filter((cell) => cell.type === "code");
const outputs = (cell) => cell.outputs.toJSON();

// the texts of a view that are to be seen
const texts = (view) => {
  const found = [];
  const walker = document.createTreeWalker(view, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.textContent.trim() && !node.parentElement.closest("style, .labq-hidden")) found.push(node);
  }
  return found;
};

window.desk = {
  // ---- notebooks ----
  current: () => panel()?.context?.path,

  open: async (path) => {
    const opened = await command("docmanager:open", { path });
    await opened.context.ready;
    await opened.revealed;
    await opened.sessionContext.ready;
    window.jupyterapp.shell.collapseLeft();
    window.jupyterapp.shell.activateById(opened.id);
  },

  // scrolls to a cell; gives its number in the notebook
  show: async (name) => {
    const notebook = panel().content;
    const number = notebook.widgets.findIndex((cell) => cell.model.id === name);
    notebook.activeCellIndex = number;
    await notebook.scrollToItem(number, "start");
    await notebook.widgets[number].ready;
    return number;
  },

  // ---- running ----
  clear: () => command("notebook:clear-all-cell-outputs"),
  cleared: () => codeCells().every((cell) => cell.executionCount === null),

  start: (name) => {
    const notebook = panel().content;
    notebook.activeCellIndex = notebook.widgets.findIndex((cell) => cell.model.id === name);
    command("notebook:run-cell"); // not awaited: the cell may never end
  },
  interrupt: () => command("notebook:interrupt-kernel"),
  shutdown: () => panel().sessionContext.shutdown(),
  idle: () => panel().sessionContext.session?.kernel?.status === "idle",

  // after an error the kernel refuses what was already sent to it; when it answers a question, that is over
  answers: () => panel().sessionContext.session.kernel.requestKernelInfo().then(() => true),

  // everything has run, or an error stopped it
  finished: () => {
    const cells = codeCells();
    const stopped = cells.some((cell) => outputs(cell).some((output) => output.output_type === "error"));
    return window.desk.idle() && (stopped || cells.every((cell) => cell.executionCount !== null));
  },

  cells: () => codeCells().map((cell) => ({ name: cell.id, count: cell.executionCount, outputs: outputs(cell) })),

  // ---- looks ----
  theme: (theme) => command("apputils:change-theme", { theme }),
  painted: () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),

  // counts the texts of all labq views in front, and lists those that stand out too little from what is behind them
  faint: (least) => {
    let seen = 0;
    const faint = [];
    for (const view of panel().node.querySelectorAll(".labq")) {
      for (const node of texts(view)) {
        seen += 1;
        const ratio = contrast(node.parentElement);
        if (!(ratio >= least)) faint.push(`${ratio.toFixed(2)}: ${node.textContent.trim()}`);
      }
    }
    return { seen, faint };
  },

  // lists what is wider than its place: it is cut, or has to be scrolled to be read
  cut: () => {
    const names = ["h3", "h4", "th", "strong", ".labq-title", ".labq-label", ".labq-state", ".labq-note"];
    const inside = names.map((name) => `.labq ${name}`).join(",");
    const around = ".labq, .jp-OutputArea-output:has(.labq), .jupyter-button, .widget-label";
    return [...panel().node.querySelectorAll(`${inside}, ${around}`)]
      .filter((part) => part.clientWidth && part.scrollWidth > part.clientWidth + 1)
      .map((part) => `${part.className || part.tagName}: ${part.textContent.slice(-60)}`);
  },

  // lists words of letters that go on in the next line; code and addresses may, and Chinese breaks anywhere
  broken: () => {
    const found = [];
    for (const view of panel().node.querySelectorAll(".labq")) {
      for (const node of texts(view)) {
        if (node.parentElement.closest(".labq-mono, .labq-call, .labq-result")) continue;
        for (const word of node.textContent.matchAll(/(?<![\p{L}\p{N}@.:/-])[\p{sc=Latin}\p{sc=Cyrillic}]+/gu)) {
          const range = document.createRange();
          range.setStart(node, word.index);
          range.setEnd(node, word.index + word[0].length);
          const lines = new Set([...range.getClientRects()].map((place) => Math.round(place.top)));
          if (lines.size > 1) found.push(word[0]);
        }
      }
    }
    return found;
  },

  // draws letters in the views' font and counts how many look different: without a glyph, each is the same box
  shapes: (letters) => {
    const family = getComputedStyle(panel().node.querySelector(".labq")).fontFamily;
    const drawn = [...letters].map((letter) => {
      const canvas = Object.assign(document.createElement("canvas"), { width: 40, height: 40 });
      const pen = canvas.getContext("2d");
      pen.font = `28px ${family}`;
      pen.fillText(letter, 4, 32);
      return canvas.toDataURL();
    });
    return new Set(drawn).size;
  },
};

// ---- contrast, as WCAG 2 computes it ----
const parts = (colour) => {
  const found = colour.match(/[\d.]+/g).map(Number);
  return found.length < 4 ? [...found, 1] : found;
};

const over = (upper, lower) => [0, 1, 2].map((i) => upper[i] * upper[3] + lower[i] * (1 - upper[3])).concat(1);

const behind = (element) => {
  const layers = [];
  for (let each = element; each; each = each.parentElement) {
    layers.unshift(parts(getComputedStyle(each).backgroundColor));
    if (layers[0][3] === 1) break;
  }
  return layers.reduce((lower, upper) => over(upper, lower), [255, 255, 255, 1]);
};

const luminance = (colour) =>
  [0.2126, 0.7152, 0.0722].reduce((sum, weight, i) => {
    const part = colour[i] / 255;
    return sum + weight * (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  }, 0);

const contrast = (element) => {
  const back = behind(element);
  const both = [luminance(over(parts(getComputedStyle(element).color), back)), luminance(back)];
  return (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05);
};

"""The one style sheet of the views: colours for light and dark, and the shape of cards, chips and tables.

Comes in: nothing. Goes out: ``STYLE``, which each output carries once.
Next door: ``labq.views.view`` puts it around what a view draws.

Background and text are taken from JupyterLab's variables and, where there are none, from the palette below; they are
always set together, so that a page that is dark for another reason stays readable. All selectors begin with ``.labq``.
A test computes the contrast of every pair of colours that text is made of.
"""

from __future__ import annotations

LIGHT = {
    "page": "#ffffff",
    "ink": "#1b2230",
    "dim": "#5b6577",
    "panel": "#f5f7fb",
    "line": "#c9d1df",
    "hair": "#e4e8f0",
    "note": "#edf2ff",
    "glyph": "#ffffff",
    "gray": "#667085",
    "blue": "#1d63d8",
    "teal": "#0e7490",
    "orange": "#a84e08",
    "violet": "#7a3ee0",
    "green": "#15803d",
    "red": "#b91c1c",
}
"""The palette for light pages."""

DARK = {
    "page": "#111318",
    "ink": "#eef1f6",
    "dim": "#a9b3c4",
    "panel": "#1b2029",
    "line": "#3d4656",
    "hair": "#2a313d",
    "note": "#1d2940",
    "glyph": "#10141b",
    "gray": "#a3adbd",
    "blue": "#7ab0ff",
    "teal": "#5cc8d8",
    "orange": "#f0a35e",
    "violet": "#b99cff",
    "green": "#5fd08a",
    "red": "#ff8f86",
}
"""The palette for dark pages."""

TONES = ("gray", "blue", "teal", "orange", "violet", "green", "red")
"""The colours that marks are filled with, always with ``glyph`` on them."""

_FROM_JUPYTER = {"page": "--jp-layout-color0", "ink": "--jp-ui-font-color0"}
_DARK_HOSTS = (
    '[data-jp-theme-light="false"] .labq',
    '[data-vscode-theme-kind*="dark"] .labq',
    'html[theme="dark"] .labq',
)
_HOSTS = "[data-jp-theme-light],[data-vscode-theme-kind],[theme]"


def _variables(palette: dict[str, str]) -> str:
    lines = []
    for name, colour in palette.items():
        source = _FROM_JUPYTER.get(name)
        lines.append(f"--labq-{name}:var({source},{colour})" if source else f"--labq-{name}:{colour}")
    return ";".join(lines)


_SHAPES = """
.labq{background:var(--labq-page);color:var(--labq-ink);font:14px/1.45 var(--jp-ui-font-family,system-ui,"DejaVu Sans",
"Noto Sans CJK SC",sans-serif);padding:12px 14px;border-radius:8px;container-type:inline-size;overflow-x:auto}
.labq *{box-sizing:border-box}
.labq h3,.labq h4{margin:0;font:inherit;color:inherit}
.labq-head{display:flex;flex-wrap:wrap;gap:4px 14px;align-items:baseline;margin:0 0 12px}
.labq-head h3{font-size:17px;font-weight:700}
.labq-part{margin-top:18px}.labq-part .labq-head{margin-bottom:4px}.labq-part h3{font-size:14.5px}
.labq-counts{display:flex;flex-wrap:wrap;gap:6px 20px}
.labq-mono{font-family:var(--jp-code-font-family,"DejaVu Sans Mono",Menlo,Consolas,monospace)}
.labq-dim{color:var(--labq-dim)}
.labq .labq-past,.labq .labq-alone{color:var(--labq-orange);font-weight:600}
.labq-title{font-size:11.5px;font-weight:700;letter-spacing:.12em;text-transform:uppercase;color:var(--labq-dim);
margin:0 0 8px}
.labq-card{background:var(--labq-panel);color:var(--labq-ink);border:1px solid var(--labq-line);border-radius:8px;
padding:10px 12px;margin:0 0 12px;min-width:0}
.labq-card-off{border-style:dashed;color:var(--labq-dim)}
.labq-card-head{display:flex;flex-wrap:wrap;justify-content:space-between;gap:2px 12px;align-items:baseline;
margin-bottom:8px}
.labq-card-head h4{font-weight:700;overflow-wrap:anywhere}
.labq-card-head>span{color:var(--labq-dim);font-size:12.5px}
.labq-label{color:var(--labq-dim);font-size:12.5px;margin:6px 0 4px}
.labq-chips{display:flex;flex-wrap:wrap;gap:6px;align-items:center}
.labq-column .labq-chips{min-height:24px}
.labq-chip{display:inline-flex;align-items:stretch;max-width:100%;border:1.5px solid var(--labq-tone);border-radius:5px;
background:var(--labq-page);color:var(--labq-ink);font-size:12.5px;line-height:20px;overflow:hidden}
.labq-chip .labq-call{padding:0 7px 0 6px;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.labq-chip em{font-style:normal;color:var(--labq-dim);padding-right:7px;white-space:nowrap}
.labq-mark{display:inline-flex;align-items:center;justify-content:center;flex:none;width:20px;min-height:20px;
background:var(--labq-tone);color:var(--labq-glyph)}
.labq-mark svg{width:12px;height:12px;display:block}
.labq-state{display:inline-flex;align-items:center;gap:7px;white-space:nowrap}
.labq-state .labq-mark{border-radius:4px}
.labq .labq-hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.labq-table{border-collapse:collapse;width:auto;max-width:100%;margin:0 0 4px;font-size:13.5px;color:var(--labq-ink);
background:var(--labq-page)}
.labq .labq-table th,.labq .labq-table td{padding:5px 18px 5px 0;text-align:left;vertical-align:top;border:0;
border-bottom:1px solid var(--labq-hair);background:none;color:inherit;max-width:60ch;overflow-wrap:break-word}
.labq .labq-table td:last-child{overflow-wrap:anywhere;min-width:9ch}
.labq .labq-table th{font-weight:600;color:var(--labq-dim);font-size:12.5px}
.labq .labq-table .labq-number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.labq-note{background:var(--labq-note);color:var(--labq-ink);border:1px solid var(--labq-line);border-radius:6px;
padding:8px 14px;margin:0 0 14px;overflow-wrap:anywhere}
.labq-steps{margin:6px 0 8px;padding-left:22px}.labq-steps li{margin:2px 0}
.labq-reason{color:var(--labq-orange);font-weight:600;margin:0}
.labq-room{display:grid;gap:6px 26px;align-items:start;min-height:300px;grid-template:"clients exchanges queues workers
 results"/minmax(0,1.1fr) minmax(0,1.1fr) minmax(0,1.8fr) minmax(0,2.95fr) minmax(0,1.4fr)}
.labq-column{min-width:0;position:relative}
.labq-column+.labq-column::before{content:"";position:absolute;left:-19px;top:52px;width:9px;height:9px;
border:solid var(--labq-line);border-width:2px 2px 0 0;transform:rotate(45deg)}
.labq-exchange{background:var(--labq-panel);color:var(--labq-ink);border:1px solid var(--labq-line);padding:7px 8px;
text-align:center;border-radius:18px;margin:0 0 10px;overflow-wrap:anywhere}
.labq-exchange strong{display:block;font-weight:600}
.labq-exchange span{display:block;color:var(--labq-dim);font-size:12px}
.labq-slot{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:10px;align-items:center;margin-top:6px}
.labq-slot>span:first-child{color:var(--labq-dim);font-size:12.5px}
.labq-lane{position:relative;display:flex;justify-content:space-between;gap:10px;border:1px solid var(--labq-line);
border-radius:5px;background:var(--labq-page);color:var(--labq-ink);overflow:hidden;min-height:28px;align-items:center;
padding-right:8px}
.labq-lane>*{position:relative}
.labq-lane .labq-mark{align-self:stretch}
.labq-lane .labq-done{position:absolute;inset:0 auto 0 0;background:var(--labq-tone);opacity:.16}
.labq-lane .labq-call{flex:1;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.labq-lane .labq-idle{padding-left:10px;color:var(--labq-dim)}
.labq-inside{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:0 18px}
.labq-result{border-left:4px solid var(--labq-tone);background:var(--labq-page);color:var(--labq-ink);padding:4px 9px;
border-radius:3px;margin-top:6px;overflow-wrap:anywhere}
.labq-result strong{display:flex;gap:6px;align-items:center;font-size:13px}
.labq-result span{font-size:12.5px}.labq-result b{font-weight:600;font-size:12px}
.labq-column-clients{grid-area:clients}.labq-column-exchanges{grid-area:exchanges}
.labq-column-queues{grid-area:queues}.labq-column-workers{grid-area:workers}.labq-column-results{grid-area:results}
@container (max-width:1040px){.labq-room{grid-template:"clients queues workers" auto "exchanges queues workers" 1fr
 "results results results" auto/minmax(0,1.1fr) minmax(0,1.5fr) minmax(0,2.3fr)}
.labq-column+.labq-column::before{display:none}
.labq-column-results .labq-stored{display:flex;flex-wrap:wrap;gap:8px}
.labq-column-results .labq-result{margin:0;flex:0 1 auto}}
@container (max-width:780px){.labq-room{grid-template:"clients queues" auto "exchanges queues" 1fr "workers workers"
 auto "results results" auto/minmax(0,1fr) minmax(0,1.7fr)}}
@container (max-width:480px){.labq-room{grid-template:none;grid-auto-columns:minmax(0,1fr)}
.labq-room .labq-column{grid-area:auto}.labq-inside{grid-template-columns:minmax(0,1fr)}}
"""


def _style() -> str:
    tones = "".join(f".labq-{tone}{{--labq-tone:var(--labq-{tone})}}" for tone in TONES)
    dark = f"{_variables(DARK)};color-scheme:dark"
    elsewhere = f"@media (prefers-color-scheme:dark){{:root:not(:has({_HOSTS})) .labq{{{dark}}}}}"
    shapes = _SHAPES.replace("\n", "")
    return f"<style>.labq{{{_variables(LIGHT)}}}{','.join(_DARK_HOSTS)}{{{dark}}}{elsewhere}{tones}{shapes}</style>"


STYLE = _style()
"""The style sheet, as an element of HTML."""

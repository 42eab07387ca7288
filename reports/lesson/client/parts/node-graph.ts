import { svg } from "./charts.ts";

export interface GraphNode {
  readonly name: string;
  readonly text: string;
  readonly x: number;
  readonly y: number;
}

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly text?: string;
}

export interface GraphModel {
  readonly label: string;
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  readonly chosen?: string;
  /** Nodes and edges that stand out. */
  readonly isOn: (name: string) => boolean;
  readonly isEdgeOn: (edge: GraphEdge) => boolean;
  readonly choose?: (name: string) => void;
  readonly radius?: number;
}

/** `<node-graph>`: circles and lines; a circle may be chosen by mouse or keyboard. */
export class NodeGraph extends HTMLElement {
  show({ label, width, height, nodes, edges, chosen, isOn, isEdgeOn, choose, radius = 17 }: GraphModel): this {
    const focused = document.activeElement?.getAttribute("data-node");
    const role = choose === undefined ? "img" : "group";
    const drawing = svg("svg", { viewBox: `0 0 ${width} ${height}`, role, "aria-label": label });
    const at = new Map(nodes.map((node) => [node.name, node]));
    for (const edge of edges.toSorted((a, b) => Number(isEdgeOn(a)) - Number(isEdgeOn(b)))) {
      const [from, to] = [at.get(edge.from), at.get(edge.to)];
      if (from === undefined || to === undefined) continue;
      drawing.append(svg("line", { x1: from.x, y1: from.y, x2: to.x, y2: to.y, class: isEdgeOn(edge) ? "on" : "" }));
      if (edge.text !== undefined && isEdgeOn(edge))
        drawing.append(
          svg("text", { x: 0.35 * from.x + 0.65 * to.x + 4, y: 0.35 * from.y + 0.65 * to.y, class: "edge" }, edge.text),
        );
    }
    for (const { name, text, x, y } of nodes) {
      const mark = name === chosen ? "chosen" : isOn(name) ? "on" : "";
      const circle = svg("circle", { cx: x, cy: y, r: radius, class: mark });
      const words = svg("text", { x, y: y + 4.5, "text-anchor": "middle" }, text);
      if (choose === undefined) {
        drawing.append(circle, words);
        continue;
      }
      const node = svg(
        "g",
        { role: "button", tabindex: 0, "data-node": name, "aria-label": text, "aria-pressed": String(name === chosen) },
        circle,
        words,
      );
      node.addEventListener("click", () => choose(name));
      node.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        choose(name);
      });
      drawing.append(node);
    }
    this.replaceChildren(drawing);
    if (focused !== undefined && focused !== null)
      this.querySelector<SVGElement>(`[data-node="${CSS.escape(focused)}"]`)?.focus();
    return this;
  }
}
customElements.define("node-graph", NodeGraph);

export function nodeGraph(): NodeGraph {
  return new NodeGraph();
}

/** Chart.js, inlined before the page's own code; its script build carries the helpers as a property. */
declare const Chart: typeof import("chart.js").Chart & { readonly helpers: typeof import("chart.js/helpers") };

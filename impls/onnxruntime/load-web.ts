/** The library's build for Node.js. In a browser load-web.browser.ts stands in. */
export async function loadOnnxRuntimeWeb(threads: number): Promise<typeof import("onnxruntime-web")> {
  const onnxruntime = await import("onnxruntime-web");
  onnxruntime.env.logLevel = "error";
  // Threads are set when its WebAssembly is started: at the first session.
  onnxruntime.env.wasm.numThreads = threads;
  return onnxruntime;
}

/** The library's build that has WebAssembly alone: half of what a page loads for the one that may use a GPU too. */
export async function loadOnnxRuntimeWeb(threads: number): Promise<typeof import("onnxruntime-web/wasm")> {
  const onnxruntime = await import("onnxruntime-web/wasm");
  onnxruntime.env.logLevel = "error";
  onnxruntime.env.wasm.numThreads = threads;
  return onnxruntime;
}

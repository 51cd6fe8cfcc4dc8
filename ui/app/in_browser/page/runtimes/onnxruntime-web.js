// ONNX Runtime Web for worker.js: load, build, heapBytes.
"use strict";
self.runtime = {
  async load({ scripts, base, backend, threads }) {
    importScripts(...scripts);
    ort.env.logLevel = "error";
    ort.env.wasm.wasmPaths = base;
    ort.env.wasm.numThreads = threads;
    this.provider = backend.startsWith("web") ? backend : "wasm";
    if (backend === "webnn" && !navigator.ml) throw new Ended("unsupported", "This browser has no WebNN in Workers.");
    if (backend === "webgpu" && !(navigator.gpu && (await navigator.gpu.requestAdapter()))) {
      throw new Ended("unsupported", "This browser has no WebGPU adapter.");
    }
  },
  async build(files, { shape, batch, dtype }) {
    const session = await ort.InferenceSession.create(new Uint8Array(files["model.onnx"]), {
      executionProviders: [this.provider],
      // What WebNN can't compute would run on the processor in silence, and pass for WebNN's time.
      ...(this.provider === "webnn" && { extra: { session: { disable_cpu_ep_fallback: "1" } } }),
    });
    const [input] = session.inputNames, [output] = session.outputNames;
    const dims = [batch, ...shape];
    return {
      async run(x) {
        const found = await session.run({ [input]: new ort.Tensor(dtype, x, dims) });
        const data = await found[output].getData();
        found[output].dispose();
        return data;
      },
      dispose: () => session.release(),
    };
  },
  heapBytes: () => 0, // it doesn't tell
};

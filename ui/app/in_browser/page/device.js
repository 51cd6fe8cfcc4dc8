// What this browser tells of itself, and what it can run. Nothing is sent before Start.
"use strict";

const SHOWN = 120; // characters of each text

const device = {
  threads: Math.max(2, Math.min(4, navigator.hardwareConcurrency || 2)),

  /** Why a backend can't run here; "" if nothing speaks against it. */
  async cannot(backend) {
    if (typeof WebAssembly !== "object") return "This browser has no WebAssembly.";
    if (backend === "wasm-threads" && !self.crossOriginIsolated) {
      return self.isSecureContext
        ? "This browser doesn't let threads share memory here."
        : "Threads need an https address, or this very machine.";
    }
    if (backend === "webgl" && !this.gl()) return "This browser has no WebGL.";
    if (backend === "webgpu") {
      if (!self.isSecureContext) return "WebGPU needs an https address, or this very machine.";
      if (!navigator.gpu || !(await navigator.gpu.requestAdapter().catch(() => null))) return "This browser has no WebGPU.";
    }
    if (backend === "webnn") {
      if (!self.isSecureContext) return "WebNN needs an https address, or this very machine.";
      if (!navigator.ml) return "This browser has no WebNN.";
      const why = await navigator.ml.createContext().then(() => "", (error) => String(error.message || error).replace(/^Failed to execute [^:]*: /, ""));
      if (why) return shown(`This browser's WebNN has nothing to compute on: ${why}`);
    }
    return "";
  },

  gl() {
    const canvas = document.createElement("canvas");
    return canvas.getContext("webgl2") || canvas.getContext("webgl");
  },

  /** What computes on the GPU, as the browser calls it. */
  async gpu() {
    const adapter = self.isSecureContext && navigator.gpu ? await navigator.gpu.requestAdapter().catch(() => null) : null;
    const info = adapter && adapter.info;
    const told = info ? [info.vendor, info.architecture, info.description].filter(Boolean).join(" ") : "";
    if (told) return shown(told);
    const gl = this.gl();
    const names = gl && gl.getExtension("WEBGL_debug_renderer_info");
    return gl ? shown(String(gl.getParameter(names ? names.UNMASKED_RENDERER_WEBGL : gl.RENDERER) || "")) : "";
  },

  /** Whether the GPU is played by the processor. */
  isSoftware: (gpu) => /swiftshader|llvmpipe|software|basic render/i.test(gpu),

  /** The smallest step that the clock is seen to take, in microseconds. */
  clockStep() {
    let least = Infinity;
    const until = performance.now() + 20;
    for (let before = performance.now(); before < until; ) {
      const now = performance.now();
      if (now > before) least = Math.min(least, now - before);
      before = now;
    }
    return Number.isFinite(least) ? Math.min(1e6, least * 1000) : 0;
  },

  async conditions() {
    const told = navigator.userAgentData;
    const more = told ? await told.getHighEntropyValues(["model", "platformVersion", "fullVersionList"]).catch(() => ({})) : {};
    const brands = (told && told.brands) || [];
    const brand = brands.find(({ brand }) => !/not.?a.?brand|^chromium$/i.test(brand)) || brands.find(({ brand }) => /^chromium$/i.test(brand));
    const system = more.platform === "Android" && more.platformVersion ? `Android ${more.platformVersion.split(".")[0]}` : "";
    return {
      user_agent: navigator.userAgent.slice(0, 512),
      brand: brand ? shown(`${brand.brand} ${brand.version}`) : "",
      system: shown(system),
      device: shown(more.model || (/iPhone|iPad/.exec(navigator.userAgent) || [""])[0]),
      mobile: told ? Boolean(told.mobile) : /Mobi/.test(navigator.userAgent),
      cores: Math.min(1024, navigator.hardwareConcurrency || 0),
      memory_gb: navigator.deviceMemory || 0,
      gpu: await this.gpu(),
      isolated: Boolean(self.crossOriginIsolated),
      secure: Boolean(self.isSecureContext),
      screen: `${screen.width} × ${screen.height}`,
      clock_us: this.clockStep(),
    };
  },
};

function shown(text) {
  return String(text).replace(/[^\x20-\x7e\u00a1-\u024f]/g, " ").slice(0, SHOWN).trim();
}

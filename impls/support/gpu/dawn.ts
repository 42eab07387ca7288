import { existsSync } from "node:fs";
import { env, platform } from "node:process";
import type { NoAdapter } from "./adapter.ts";

/**
 * Where browsers install SwiftShader, a Vulkan driver that computes on the processor. The Vulkan loader finds Lavapipe,
 * another one, by itself.
 */
const SOFTWARE_DRIVERS = [
  "/usr/lib/chromium/vk_swiftshader_icd.json",
  "/usr/lib/chromium-browser/vk_swiftshader_icd.json",
  "/usr/lib64/chromium-browser/vk_swiftshader_icd.json",
  "/opt/google/chrome/vk_swiftshader_icd.json",
];
/** The Vulkan loader's own variables: drivers to use in place of those that it finds. */
const DRIVER_VARIABLES = ["VK_DRIVER_FILES", "VK_ICD_FILENAMES"] as const;

const INSTALL =
  "install your GPU's Vulkan driver, or a software one to check results with " +
  "(Debian: apt-get install chromium; Ubuntu: apt-get install mesa-vulkan-drivers)";

const kept: GPU[] = [];

/**
 * Opens Dawn with the drivers that the user or the system names. If the user named none and these give no adapter, uses
 * a software driver.
 */
export async function openDawn(features: readonly string[]): Promise<GPU | NoAdapter> {
  let dawn: typeof import("webgpu");
  try {
    dawn = await import("webgpu");
  } catch (error) {
    return { missing: `the package webgpu cannot be loaded (npm install webgpu): ${String(error)}` };
  }
  Object.assign(globalThis, dawn.globals);
  const open = async (): Promise<GPU | undefined> => {
    const gpu = dawn.create([
      `enable-dawn-features=${["allow_unsafe_apis", ...features].join(",")}`,
      // Dawn rounds timestamps to 0.1 ms unless told otherwise, as a protection against web pages.
      "disable-dawn-features=timestamp_quantization",
    ]);
    kept.push(gpu);
    return (await gpu.requestAdapter()) === null ? undefined : gpu;
  };
  if (platform !== "linux") return (await open()) ?? { missing: "WebGPU finds no adapter: update the GPU's driver" };
  if (!hasVulkanLoader()) {
    return { missing: `libvulkan.so.1 is missing (apt-get install libvulkan1); then ${INSTALL}` };
  }
  const variable = DRIVER_VARIABLES.find((name) => (env[name] ?? "") !== "");
  if (variable !== undefined) return (await open()) ?? { missing: namedDriverFault(variable, env[variable] ?? "") };
  const software = SOFTWARE_DRIVERS.find((path) => existsSync(path));
  const gpu = await open();
  if (gpu !== undefined) return gpu;
  if (software === undefined) return { missing: `no Vulkan driver gives an adapter: ${INSTALL}` };
  env["VK_ICD_FILENAMES"] = software;
  return (
    (await open()) ?? { missing: `neither the system's Vulkan drivers nor ${software} give an adapter: ${INSTALL}` }
  );
}

/**
 * Whether the Vulkan loader is installed. It is no Node module, so loading it always fails; the message tells whether
 * the file was found.
 */
function hasVulkanLoader(): boolean {
  try {
    process.dlopen({ exports: {} }, "libvulkan.so.1");
    return true;
  } catch (error) {
    return !/cannot open shared object file/.test(String(error));
  }
}

function namedDriverFault(variable: string, files: string): string {
  const absent = files.split(":").filter((file) => !existsSync(file));
  const fault =
    absent.length > 0 ? `names ${absent.join(" and ")}, which is not there` : `names ${files}, which gives no adapter`;
  return `${variable} ${fault}: correct it, or unset it and ${INSTALL}`;
}

/** What of the harness's environment an implementation's process gets. */

type Variables = Readonly<Record<string, string | undefined>>;

/** Names of what is secret, of what leads to an agent that has secrets, and of files that a CI service obeys. */
const SECRET_NAMES = [
  /TOKEN|SECRET|PASSW|PASSPHRASE|CREDENTIAL|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|_AUTH\b|COOKIE|SESSION/i,
  /^(?:SSH|GPG|DBUS|AWS|AZURE|GOOGLE|GCP|GITHUB|ACTIONS|CI|npm_config)_/i,
];
/** A password in an address, as of a proxy or a database. */
const SECRET_VALUE = /:\/\/[^/\s]*:[^/\s]*@/;

/** The environment without what is, or may be, a secret. */
export function withoutSecrets(environment: Variables): Variables {
  const isSecret = (name: string, value = ""): boolean =>
    SECRET_NAMES.some((pattern) => pattern.test(name)) || SECRET_VALUE.test(value);
  return Object.fromEntries(Object.entries(environment).filter(([name, value]) => !isSecret(name, value)));
}

/** What kernels and their libraries read: where programs and libraries are, language, threads, and devices. */
const NEEDED =
  /^(?:PATH|LANG|LC_\w+|TZ|LD_LIBRARY_PATH|(?:OMP|GOMP|KMP|MKL|OPENBLAS|BLIS|ONEDNN|DNNL|ORT|TF|XLA)_\w+|(?:CUDA|NVIDIA|HIP|ROCR|HSA|VK|MESA|LIBGL|GALLIUM)_\w+|PYTHON\w*|VIRTUAL_ENV|(?:PYENV|CONDA)_\w+|BENCHCONV_\w+|NODE_COMPILE_CACHE)$/;

/** The environment with what kernels read and nothing else: of a sandbox. */
export function neededAlone(environment: Variables): Variables {
  return Object.fromEntries(Object.entries(withoutSecrets(environment)).filter(([name]) => NEEDED.test(name)));
}

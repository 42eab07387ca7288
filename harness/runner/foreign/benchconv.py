"""Turns three Python functions into an implementation that benchconv checks and times.

    import benchconv

    def forward(problem, x, weights, bias):   # bias is None when problem.bias is False
        ...
        return y

    benchconv.serve(forward, name="my-conv")

    npx benchconv verify --impl 'cmd:python3 conv.py'

Arrays are NumPy's, float32: data N C spatial..., weights K C/G kernel...; with serve(..., arrays="torch") or "jax" they
are PyTorch's or JAX's. The layer is cross-correlation. A problem has the fields of `Problem` below. This file needs
nothing but the array library. Whatever a program prints goes to standard error: standard output is the channel.
"""

import importlib.util
import json
import os
import struct
import sys
import time

VERSION = "1"
USAGE = "benchconv runs this program: npx benchconv verify --impl 'cmd:python3 %s'\n"


class Problem:
    """A convolution layer's geometry; lists have an entry an axis of the space, the outermost first."""

    def __init__(self, fields, threads):
        self.batch = fields["batch"]
        self.in_channels = fields["inChannels"]
        self.out_channels = fields["outChannels"]
        self.groups = fields["groups"]
        self.input = fields["input"]
        self.kernel = fields["kernel"]
        self.stride = fields["stride"]
        self.dilation = fields["dilation"]  # 1 = dense
        self.pad_begin = fields["padBegin"]
        self.pad_end = fields["padEnd"]  # negative: cropped
        self.bias = fields["bias"]
        self.rank = len(self.input)
        self.output = [
            (i + a + b - d * (k - 1) - 1) // s + 1
            for i, a, b, d, k, s in zip(
                self.input, self.pad_begin, self.pad_end, self.dilation, self.kernel, self.stride
            )
        ]
        self.threads = threads
        """How many threads may be used."""

    def shape(self, name):
        """The shape of a tensor by its name: x, weights, bias, y, or the gradient of one."""
        weights = [self.out_channels, self.in_channels // self.groups, *self.kernel]
        return {
            "x": [self.batch, self.in_channels, *self.input],
            "y": [self.batch, self.out_channels, *self.output],
            "weights": weights,
            "bias": [self.out_channels],
        }[name]


class _NumPy:
    def __init__(self):
        import numpy

        self.numpy = numpy

    def array(self, data, shape):
        return self.numpy.frombuffer(data, dtype="<f4").reshape(shape)

    def finish(self, array):
        return array

    def data(self, array):
        return memoryview(self.numpy.ascontiguousarray(array, dtype="<f4").reshape(-1)).cast("B")


class _Torch:
    def __init__(self):
        import torch

        self.torch = torch

    def array(self, data, shape):
        return self.torch.frombuffer(data, dtype=self.torch.float32).reshape(shape)

    def finish(self, array):
        if array.is_cuda:
            self.torch.cuda.synchronize()
        return array

    def data(self, array):
        return memoryview(array.detach().to("cpu", self.torch.float32).reshape(-1).numpy()).cast("B")


class _Jax(_NumPy):
    def __init__(self):
        super().__init__()
        import jax.numpy

        self.jax = jax.numpy

    def array(self, data, shape):
        return self.jax.asarray(super().array(data, shape))

    def finish(self, array):
        return array.block_until_ready()


_LIBRARIES = {"numpy": _NumPy, "torch": _Torch, "jax": _Jax}
_PASSES = {
    "forward": (("x", "weights", "bias"), ("y",)),
    "backwardData": (("dy", "weights"), ("dx",)),
    "backwardWeights": (("x", "dy"), ("dWeights", "dBias")),
}


class _Channel:
    """Frames on standard input and output: a length of eight bytes, then a safetensors file.

    Tensors may come and go in a file that is shared memory instead: `shared` is its descriptor, or None.
    """

    def __init__(self):
        self.input = sys.stdin.buffer
        self.output = os.fdopen(os.dup(1), "wb")
        os.dup2(2, 1)  # whatever prints to standard output prints to standard error
        try:
            self.shared = os.open(os.environ["BENCHCONV_SHARED"], os.O_RDWR)
        except (KeyError, OSError):
            self.shared = None

    def receive(self):
        """The metadata of a request, and its tensors: name, shape, data."""
        head = self.input.read(8)
        if len(head) < 8:
            return None
        blob = self.input.read(struct.unpack("<Q", head)[0])
        metadata, entries = self.header(blob[8 : 8 + struct.unpack("<Q", blob[:8])[0]])
        data = memoryview(blob)[len(blob) - sum(end - begin for _, _, begin, end in entries) :]
        return metadata, [(name, shape, bytearray(data[begin:end])) for name, shape, begin, end in entries]

    def read_shared(self, kept):
        """The tensors in shared memory; into the bytearrays that were kept, where they fit."""
        (size,) = struct.unpack("<Q", os.pread(self.shared, 8, 0))
        _, entries = self.header(os.pread(self.shared, size, 8))
        tensors = []
        for name, shape, begin, end in entries:
            data = kept.get(name)
            if data is None or len(data) != end - begin:
                data = bytearray(end - begin)
            view = memoryview(data)
            while len(view) > 0:
                view = view[os.preadv(self.shared, [view], 8 + size + end - len(view)) :]
            tensors.append((name, shape, data))
        return tensors

    def header(self, text):
        header = json.loads(text)
        metadata = header.pop("__metadata__", {})
        return metadata, [(name, entry["shape"], *entry["data_offsets"]) for name, entry in header.items()]

    def file(self, metadata, tensors):
        """The parts of a safetensors file."""
        header = {"__metadata__": {"benchconv": VERSION, **metadata}}
        offset = 0
        for name, shape, data in tensors:
            header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [offset, offset + len(data)]}
            offset += len(data)
        text = json.dumps(header).encode()
        text += b" " * (-len(text) % 8)
        return [struct.pack("<Q", len(text)) + text, *(data for _, _, data in tensors)]

    def send(self, metadata, tensors=()):
        parts = self.file(metadata, tensors)
        self.output.write(struct.pack("<Q", sum(map(len, parts))))
        for part in parts:
            self.output.write(part)
        self.output.flush()

    def send_shared(self, tensors):
        """In shared memory, where there is room, else in the answer."""
        position = 0
        try:
            for part in self.file({}, tensors):
                view = memoryview(part)
                while len(view) > 0:
                    written = os.pwrite(self.shared, view, position)
                    position += written
                    view = view[written:]
        except OSError:
            return self.send({}, tensors)
        return self.send({"bytes": str(position)})


class _Plan:
    def __init__(self, problem, pass_, function, library):
        self.problem, self.pass_, self.function, self.library = problem, pass_, function, library
        self.loaded, self.operands, self.results, self.ms = {}, [], [], 0.0

    @property
    def kept(self):
        return {name: data for name, (data, _) in self.loaded.items()}

    def load(self, tensors):
        """Takes operands; those that are not brought stay."""
        names, _ = _PASSES[self.pass_]
        for name, shape, data in tensors:
            self.loaded[name] = (data, self.library.array(data, shape))
        self.operands = [self.loaded[name][1] if name in self.loaded else None for name in names]

    def run(self):
        start = time.perf_counter()
        result = self.function(self.problem, *self.operands)
        results = result if isinstance(result, (tuple, list)) else (result,)
        self.results = [None if one is None else self.library.finish(one) for one in results]
        self.ms = 1000 * (time.perf_counter() - start)

    def outputs(self):
        _, names = _PASSES[self.pass_]
        wanted = names if self.problem.bias else names[:1]
        if len(self.results) < len(wanted):
            raise ValueError("%s returned no %s" % (self.pass_, wanted[-1]))
        return [
            (name, list(result.shape), self.library.data(result)) for name, result in zip(wanted, self.results)
        ]


def missing(module, package):
    """Why a machine without a Python module cannot run the program, or None; the module is not imported."""
    if importlib.util.find_spec(module) is not None:
        return None
    return "%s has no module %s (Debian: apt-get install %s; $PYTHON names another Python)" % (
        sys.executable,
        module,
        package,
    )


def serve(
    forward=None,
    backward_data=None,
    backward_weights=None,
    *,
    plan=None,
    unsupported=None,
    unavailable=None,
    name=None,
    arrays="numpy",
    **description
):
    """Answers benchconv until it is gone.

    forward(problem, x, weights, bias) returns y, backward_data(problem, dy, weights) dx, and
    backward_weights(problem, x, dy) the pair (d_weights, d_bias). Set-up work goes into plan(problem, pass_), which
    returns such a function and is not timed. unsupported(problem, pass_) gives a reason, or None; unavailable is why
    this machine cannot run it, or None. `description` has
    what a plugin says of itself: description, version, source, algorithm ("direct", "gemm", "fft", "winograd(m,r)"),
    precision, arithmetic, device.
    """
    if "BENCHCONV_CHANNEL" not in os.environ:
        sys.stderr.write(USAGE % sys.argv[0])
        sys.exit(2)
    functions = {"forward": forward, "backwardData": backward_data, "backwardWeights": backward_weights}
    channel = _Channel()
    plans = {}
    library = None
    while True:
        frame = channel.receive()
        if frame is None:
            return
        metadata, tensors = frame
        verb, number = metadata["request"], metadata.get("plan")
        try:
            if verb == "describe":
                said = {"name": name, **description}
                text = json.dumps({key: value for key, value in said.items() if value})
                more = {"unavailable": unavailable, "shared": "1" if channel.shared is not None else None}
                channel.send({"describe": text, **{key: value for key, value in more.items() if value}})
            elif verb == "plan":
                library = library or _LIBRARIES[arrays]()
                problem = Problem(json.loads(metadata["problem"]), int(metadata["threads"]))
                pass_ = metadata["pass"]
                reason = unsupported(problem, pass_) if unsupported else None
                function = None
                if reason is None:
                    function = plan(problem, pass_) if plan else functions[pass_]
                    if function is None:
                        reason = "it has no " + pass_
                if reason is None:
                    plans[number] = _Plan(problem, pass_, function, library)
                channel.send({} if reason is None else {"unsupported": str(reason)})
            elif verb == "load":
                plan_ = plans[number]
                plan_.load(channel.read_shared(plan_.kept) if "file" in metadata else tensors)
                channel.send({})
            elif verb == "run":
                plans[number].run()
                channel.send({"ms": repr(plans[number].ms)})
            elif verb == "read":
                send = channel.send_shared if "file" in metadata else lambda tensors: channel.send({}, tensors)
                send(plans[number].outputs())
            elif verb == "dispose":
                plans.pop(number, None)
                channel.send({})
            else:
                channel.send({"error": "there is no request " + verb})
        except Exception as error:  # whatever the kernel raises is its verdict
            channel.send({"error": "%s: %s" % (type(error).__name__, error)})


if __name__ == "__main__":
    sys.stderr.write(__doc__)
    sys.exit(2)

"""NumPy: the windows of the image as a view (im2col without copying), and matrix products."""

import itertools

import benchconv


def plan(problem, pass_):
    import numpy as np

    axes = tuple(range(problem.rank))
    groups, batch = problem.groups, problem.batch

    def padded(x):
        pads = [(max(a, 0), max(b, 0)) for a, b in zip(problem.pad_begin, problem.pad_end)]
        x = np.pad(x, [(0, 0), (0, 0), *pads])
        return x[(..., *(slice(max(-a, 0), x.shape[2 + i]) for i, a in enumerate(problem.pad_begin)))]

    def columns(x):
        """N, G, C/G * taps, outputs."""
        x = padded(x)
        strides = x.strides[2:]
        shape = (batch, groups, problem.in_channels // groups, *problem.kernel, *problem.output)
        steps = (
            x.strides[0],
            x.strides[1] * (problem.in_channels // groups),
            x.strides[1],
            *(d * s for d, s in zip(problem.dilation, strides)),
            *(d * s for d, s in zip(problem.stride, strides)),
        )
        windows = np.lib.stride_tricks.as_strided(x, shape, steps, writeable=False)
        return windows.reshape(batch, groups, -1, int(np.prod(problem.output)))

    def forward(problem, x, weights, bias):
        y = np.matmul(weights.reshape(groups, problem.out_channels // groups, -1), columns(x))
        y = y.reshape(problem.shape("y"))
        return y if bias is None else y + bias.reshape(-1, *(1 for _ in axes))

    def backward_data(problem, dy, weights):
        w = weights.reshape(groups, problem.out_channels // groups, -1)
        cols = np.matmul(w.transpose(0, 2, 1), dy.reshape(batch, groups, w.shape[1], -1))
        cols = cols.reshape(batch, problem.in_channels, *problem.kernel, *problem.output)
        begin = [max(a, 0) for a in problem.pad_begin]
        sizes = [b + i + max(e, 0) for b, i, e in zip(begin, problem.input, problem.pad_end)]
        dx = np.zeros((batch, problem.in_channels, *sizes), np.float32)
        for tap in itertools.product(*map(range, problem.kernel)):
            starts = [t * d + max(-a, 0) for t, d, a in zip(tap, problem.dilation, problem.pad_begin)]
            at = (slice(s, s + (o - 1) * k + 1, k) for s, o, k in zip(starts, problem.output, problem.stride))
            dx[(..., *at)] += cols[(slice(None), slice(None), *tap)]
        return dx[(..., *(slice(b, b + i) for b, i in zip(begin, problem.input)))]

    def backward_weights(problem, x, dy):
        points = dy.reshape(batch, groups, problem.out_channels // groups, -1)
        dw = np.matmul(points, columns(x).transpose(0, 1, 3, 2)).sum(axis=0)
        return dw.reshape(problem.shape("weights")), dy.sum(axis=(0, *(2 + axis for axis in axes)))

    return {"forward": forward, "backwardData": backward_data, "backwardWeights": backward_weights}[pass_]


benchconv.serve(
    plan=plan,
    unavailable=benchconv.missing("numpy", "python3-numpy"),
    name="numpy",
    algorithm="gemm",
    source="https://numpy.org",
    description="NumPy, windows as a view and matmul",
)

"""A convolution by NumPy, a matrix product for every tap of the kernel, in all three passes."""

import itertools

import numpy as np

import benchconv


def taps(problem):
    """The taps of the kernel: the index of each, and the slice of the padded input that it meets."""
    for tap in itertools.product(*map(range, problem.kernel)):
        starts = [t * d for t, d in zip(tap, problem.dilation)]
        yield tap, tuple(
            slice(start, start + (out - 1) * stride + 1, stride)
            for start, out, stride in zip(starts, problem.output, problem.stride)
        )


def padded(problem, x):
    """x with its padding, as groups: N G C/G spatial...; a negative padding crops."""
    pads = [(0, 0), (0, 0)] + [(a, max(b, 0)) for a, b in zip(problem.pad_begin, problem.pad_end)]
    x = np.pad(x, pads)
    return x.reshape(problem.batch, problem.groups, -1, *x.shape[2:])


def forward(problem, x, weights, bias):
    x = padded(problem, x)
    w = weights.reshape(problem.groups, -1, *weights.shape[1:])
    y = sum(np.einsum("ngc...,gkc->ngk...", x[(..., *at)], w[(..., *tap)]) for tap, at in taps(problem))
    y = y.reshape(problem.shape("y"))
    return y if bias is None else y + bias.reshape(-1, *[1] * problem.rank)


def backward_data(problem, dy, weights):
    dx = np.zeros_like(padded(problem, np.zeros(problem.shape("x"), np.float32)))
    dy = dy.reshape(problem.batch, problem.groups, -1, *problem.output)
    w = weights.reshape(problem.groups, -1, *weights.shape[1:])
    for tap, at in taps(problem):
        dx[(..., *at)] += np.einsum("ngk...,gkc->ngc...", dy, w[(..., *tap)])
    dx = dx.reshape(problem.batch, problem.in_channels, *dx.shape[3:])
    return dx[(..., *(slice(a, a + i) for a, i in zip(problem.pad_begin, problem.input)))]


def backward_weights(problem, x, dy):
    x = padded(problem, x)
    dw = np.zeros(problem.shape("weights"), np.float32)
    groups = dw.reshape(problem.groups, -1, *dw.shape[1:])
    points = dy.reshape(problem.batch, problem.groups, groups.shape[1], -1)
    for tap, at in taps(problem):
        seen = x[(..., *at)].reshape(problem.batch, problem.groups, groups.shape[2], -1)
        groups[(..., *tap)] = np.einsum("ngkp,ngcp->gkc", points, seen)
    return dw, dy.sum(axis=(0, *range(2, dy.ndim)))


benchconv.serve(forward, backward_data, backward_weights, name="example-python", description="NumPy, tap by tap")

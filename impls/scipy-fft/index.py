"""SciPy's real FFT: a product of spectra, summed over channels. Strided outputs are computed and left out."""

import benchconv


def plan(problem, pass_):
    import numpy as np
    import scipy.fft

    rank, groups, batch = problem.rank, problem.groups, problem.batch
    axes = tuple(range(-rank, 0))
    reach = [d * (k - 1) + 1 for d, k in zip(problem.dilation, problem.kernel)]
    # What of the padded input the outputs meet, and the whole input where it is longer.
    begin = problem.pad_begin
    met = [(o - 1) * s + r for o, s, r in zip(problem.output, problem.stride, reach)]
    sizes = [scipy.fft.next_fast_len(max(m, a + i), real=True) for m, a, i in zip(met, begin, problem.input)]
    points = tuple(slice(0, (o - 1) * s + 1, s) for o, s in zip(problem.output, problem.stride))
    taps = tuple(slice(0, r, d) for r, d in zip(reach, problem.dilation))
    # Where the input lies in the padded one, and what of it does: a negative padding crops.
    inside = tuple(slice(max(a, 0), max(a + i, 0)) for a, i in zip(begin, problem.input))
    kept = tuple(slice(max(-a, 0), i) for a, i in zip(begin, problem.input))

    def spectrum(array):
        return scipy.fft.rfftn(array, axes=axes, workers=problem.threads)

    def plane(spectra):
        return scipy.fft.irfftn(spectra, s=sizes, axes=axes, workers=problem.threads)

    def spread(array, shape, at):
        """An array with zeros around and between its elements."""
        wide = np.zeros((*shape, *sizes), np.float32)
        wide[(..., *at)] = array.reshape(*shape, *array.shape[2:])
        return wide

    def of_input(x):
        return spectrum(spread(x[(..., *kept)], (batch, groups, problem.in_channels // groups), inside))

    def of_output(dy):
        return spectrum(spread(dy, (batch, groups, problem.out_channels // groups), points))

    def of_weights(weights):
        shape = (groups, problem.out_channels // groups, problem.in_channels // groups)
        return spectrum(spread(weights.reshape(groups * shape[1], *weights.shape[1:]), shape, taps))

    def product(letters, a, b):
        return plane(np.einsum(letters, a, b, optimize=False))

    def forward(problem, x, weights, bias):
        y = product("ngc...,gkc...->ngk...", of_input(x), np.conj(of_weights(weights)))[(..., *points)]
        y = y.reshape(problem.shape("y"))
        return y if bias is None else y + bias.reshape(-1, *[1] * rank)

    def backward_data(problem, dy, weights):
        wide = product("ngk...,gkc...->ngc...", of_output(dy), of_weights(weights))
        dx = np.zeros(problem.shape("x"), np.float32)
        dx[(..., *kept)] = wide.reshape(batch, problem.in_channels, *sizes)[(..., *inside)]
        return dx

    def backward_weights(problem, x, dy):
        dw = product("ngc...,ngk...->gkc...", of_input(x), np.conj(of_output(dy)))[(..., *taps)]
        return dw.reshape(problem.shape("weights")), dy.sum(axis=(0, *range(2, dy.ndim)))

    return {"forward": forward, "backwardData": backward_data, "backwardWeights": backward_weights}[pass_]


benchconv.serve(
    plan=plan,
    unavailable=benchconv.missing("scipy", "python3-scipy"),
    name="scipy-fft",
    algorithm="fft",
    source="https://scipy.org",
    description="SciPy's real FFT of whole images",
)

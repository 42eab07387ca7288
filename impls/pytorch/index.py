"""PyTorch's convolution, and its gradients by the function that autograd calls."""

import benchconv


def plan(problem, pass_):
    import torch
    import torch.nn.functional as F

    torch.set_num_threads(problem.threads)
    torch.set_grad_enabled(False)
    convolve = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}[problem.rank]
    is_even = problem.pad_begin == problem.pad_end and min(problem.pad_begin) >= 0
    padding = problem.pad_begin if is_even else [0] * problem.rank
    # F.pad takes the last axis first; a negative padding crops.
    pads = [pad for axis in zip(problem.pad_begin, problem.pad_end) for pad in axis]
    pads = [pad for axis in reversed(range(problem.rank)) for pad in pads[2 * axis : 2 * axis + 2]]

    def padded(x):
        return x if is_even else F.pad(x, pads)

    def backward(dy, x, weights, mask):
        bias = [problem.out_channels] if problem.bias else None
        settings = (problem.stride, padding, problem.dilation, False, [0] * problem.rank, problem.groups)
        return torch.ops.aten.convolution_backward(dy, x, weights, bias, *settings, mask)

    def forward(problem, x, weights, bias):
        return convolve(padded(x), weights, bias, problem.stride, padding, problem.dilation, problem.groups)

    x_shape = padded(torch.empty(problem.shape("x"), device="meta"))
    unread_x = torch.zeros(1).expand(x_shape.shape)
    unread_weights = torch.zeros(1).expand(problem.shape("weights"))

    def backward_data(problem, dy, weights):
        dx = backward(dy, unread_x, weights, [True, False, False])[0]
        return dx if is_even else F.pad(dx, [-pad for pad in pads])

    def backward_weights(problem, x, dy):
        return backward(dy, padded(x), unread_weights, [False, True, problem.bias])[1:]

    return {"forward": forward, "backwardData": backward_data, "backwardWeights": backward_weights}[pass_]


benchconv.serve(
    plan=plan,
    arrays="torch",
    unavailable=benchconv.missing("torch", "python3-torch"),
    name="pytorch",
    source="https://pytorch.org",
    description="PyTorch on the processor, eager; gradients by the function that autograd calls",
)

//! A convolution straight from the definition, in all three passes. The functions are those of benchconv.h.

/// A layer's geometry, as in benchconv.h. Axes beyond the rank have extents of 1 and paddings of 0.
const Problem = extern struct {
    size: i32,
    rank: i32,
    batch: i32,
    in_channels: i32,
    out_channels: i32,
    groups: i32,
    input: [3]i32,
    output: [3]i32,
    kernel: [3]i32,
    stride: [3]i32,
    dilation: [3]i32,
    pad_begin: [3]i32,
    pad_end: [3]i32,
    bias: i32,
    element_type: i32,
    threads: i32,

    fn planes(p: *const Problem, channels: i32, extents: [3]i32) usize {
        return @as(usize, @intCast(p.batch * channels)) * count(extents);
    }

    fn weights(p: *const Problem) usize {
        return @as(usize, @intCast(p.out_channels * @divExact(p.in_channels, p.groups))) * count(p.kernel);
    }
};

fn count(extents: [3]i32) usize {
    return @as(usize, @intCast(extents[0])) * @as(usize, @intCast(extents[1] * extents[2]));
}

/// Where an element of a plane lies on each axis.
fn placed(index: i32, extents: [3]i32) [3]i32 {
    const rows = @divTrunc(index, extents[2]);
    return .{ @divTrunc(rows, extents[1]), @rem(rows, extents[1]), @rem(index, extents[2]) };
}

/// The input that an output meets with a tap, as an element of its plane; null in the padding.
fn met(p: *const Problem, out: [3]i32, tap: [3]i32) ?usize {
    var at: i32 = 0;
    for (0..3) |axis| {
        const place = out[axis] * p.stride[axis] + tap[axis] * p.dilation[axis] - p.pad_begin[axis];
        if (place < 0 or place >= p.input[axis]) return null;
        at = at * p.input[axis] + place;
    }
    return @intCast(at);
}

const Pass = enum { forward, backward_data, backward_weights };

/// Meets every product of the layer, which are the same in all passes. Padding adds nothing.
fn addProducts(p: *const Problem, comptime pass: Pass, x: anytype, w: anytype, y: anytype) void {
    const channels: usize = @intCast(@divExact(p.in_channels, p.groups));
    const filters: usize = @intCast(@divExact(p.out_channels, p.groups));
    const all_filters: usize = @intCast(p.out_channels);
    const all_channels: usize = @intCast(p.in_channels);
    const points = count(p.output);
    const taps = count(p.kernel);
    for (0..@as(usize, @intCast(p.batch)) * all_filters) |nk| {
        const n = nk / all_filters;
        const k = nk % all_filters;
        for (0..points) |point| {
            const out = placed(@intCast(point), p.output);
            for (0..channels) |c| {
                const plane = n * all_channels + k / filters * channels + c;
                for (0..taps) |tap| {
                    const in = met(p, out, placed(@intCast(tap), p.kernel)) orelse continue;
                    const xi = plane * count(p.input) + in;
                    const wi = (k * channels + c) * taps + tap;
                    const yi = nk * points + point;
                    switch (pass) {
                        .forward => y[yi] += x[xi] * w[wi],
                        .backward_data => x[xi] += y[yi] * w[wi],
                        .backward_weights => w[wi] += x[xi] * y[yi],
                    }
                }
            }
        }
    }
}

export fn benchconv_describe() [*:0]const u8 {
    return "{\"name\": \"example-zig\", \"description\": \"the definition, in Zig\"}";
}

export fn benchconv_forward(
    p: *const Problem,
    x: [*]const f32,
    weights: [*]const f32,
    bias: ?[*]const f32,
    y: [*]f32,
) c_int {
    const points = count(p.output);
    const filters: usize = @intCast(p.out_channels);
    for (0..p.planes(p.out_channels, p.output)) |i| y[i] = if (bias) |b| b[i / points % filters] else 0;
    addProducts(p, .forward, x, weights, y);
    return 0;
}

export fn benchconv_backward_data(p: *const Problem, dy: [*]const f32, weights: [*]const f32, dx: [*]f32) c_int {
    for (0..p.planes(p.in_channels, p.input)) |i| dx[i] = 0;
    addProducts(p, .backward_data, dx, weights, dy);
    return 0;
}

export fn benchconv_backward_weights(
    p: *const Problem,
    x: [*]const f32,
    dy: [*]const f32,
    d_weights: [*]f32,
    d_bias: ?[*]f32,
) c_int {
    for (0..p.weights()) |i| d_weights[i] = 0;
    addProducts(p, .backward_weights, x, d_weights, dy);
    const b = d_bias orelse return 0;
    const points = count(p.output);
    const filters: usize = @intCast(p.out_channels);
    for (0..filters) |k| b[k] = 0;
    for (0..p.planes(p.out_channels, p.output)) |i| b[i / points % filters] += dy[i];
    return 0;
}

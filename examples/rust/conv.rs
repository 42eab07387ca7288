//! A convolution straight from the definition, in all three passes. The functions are those of benchconv.h.
use std::ffi::{c_char, c_int};
use std::slice::{from_raw_parts, from_raw_parts_mut};

/// A layer's geometry, as in benchconv.h. Axes beyond the rank have extents of 1 and paddings of 0.
#[repr(C)]
pub struct Problem {
    size: i32,
    rank: i32,
    batch: i32,
    in_channels: i32,
    out_channels: i32,
    groups: i32,
    input: [i32; 3],
    output: [i32; 3],
    kernel: [i32; 3],
    stride: [i32; 3],
    dilation: [i32; 3],
    pad_begin: [i32; 3],
    pad_end: [i32; 3],
    bias: i32,
    element_type: i32,
    threads: i32,
}

fn count(extents: &[i32; 3]) -> usize {
    extents.iter().map(|&extent| extent as usize).product()
}

impl Problem {
    fn x_len(&self) -> usize {
        (self.batch * self.in_channels) as usize * count(&self.input)
    }
    fn y_len(&self) -> usize {
        (self.batch * self.out_channels) as usize * count(&self.output)
    }
    fn weights_len(&self) -> usize {
        (self.out_channels * (self.in_channels / self.groups)) as usize * count(&self.kernel)
    }

    /// The input that an output meets with a tap on one axis; none in the padding.
    fn met(&self, axis: usize, out: i32, tap: i32) -> Option<usize> {
        let at = out * self.stride[axis] + tap * self.dilation[axis] - self.pad_begin[axis];
        (0..self.input[axis]).contains(&at).then_some(at as usize)
    }

    /// Calls `meet` for every product, with the elements of x (or dx), of the weights and of y (or dy) that take part.
    fn every_product(&self, mut meet: impl FnMut(usize, usize, usize)) {
        let (channels, filters) = (self.in_channels / self.groups, self.out_channels / self.groups);
        let ([d, h, w], [a, b, c], [r, s, t]) = (self.input, self.output, self.kernel);
        let mut out = 0;
        for nk in 0..self.batch * self.out_channels {
            let (n, k) = (nk / self.out_channels, nk % self.out_channels);
            for point in 0..a * b * c {
                for channel in 0..channels {
                    let plane = (n * self.in_channels + k / filters * channels + channel) as usize;
                    for tap in 0..r * s * t {
                        let z = self.met(0, point / (b * c), tap / (s * t));
                        let y = self.met(1, point / c % b, tap / t % s);
                        let x = self.met(2, point % c, tap % t);
                        if let (Some(z), Some(y), Some(x)) = (z, y, x) {
                            let at = ((plane * d as usize + z) * h as usize + y) * w as usize + x;
                            let weight = (k * channels + channel) as usize * (r * s * t) as usize + tap as usize;
                            meet(at, weight, out);
                        }
                    }
                }
                out += 1;
            }
        }
    }
}

#[no_mangle]
pub extern "C" fn benchconv_describe() -> *const c_char {
    b"{\"name\": \"example-rust\", \"description\": \"the definition, in Rust\"}\0".as_ptr() as *const c_char
}

/// # Safety
/// The pointers are those of benchconv.h.
#[no_mangle]
pub unsafe extern "C" fn benchconv_forward(
    p: &Problem,
    x: *const f32,
    weights: *const f32,
    bias: *const f32,
    y: *mut f32,
) -> c_int {
    let (x, w, y) =
        (from_raw_parts(x, p.x_len()), from_raw_parts(weights, p.weights_len()), from_raw_parts_mut(y, p.y_len()));
    let plane = count(&p.output);
    for (k, values) in y.chunks_mut(plane).enumerate() {
        values.fill(if p.bias == 1 { *bias.add(k % p.out_channels as usize) } else { 0.0 });
    }
    p.every_product(|i, at, o| y[o] += x[i] * w[at]);
    0
}

/// # Safety
/// The pointers are those of benchconv.h.
#[no_mangle]
pub unsafe extern "C" fn benchconv_backward_data(
    p: &Problem,
    dy: *const f32,
    weights: *const f32,
    dx: *mut f32,
) -> c_int {
    let (dy, w, dx) =
        (from_raw_parts(dy, p.y_len()), from_raw_parts(weights, p.weights_len()), from_raw_parts_mut(dx, p.x_len()));
    dx.fill(0.0);
    p.every_product(|i, at, o| dx[i] += dy[o] * w[at]);
    0
}

/// # Safety
/// The pointers are those of benchconv.h.
#[no_mangle]
pub unsafe extern "C" fn benchconv_backward_weights(
    p: &Problem,
    x: *const f32,
    dy: *const f32,
    d_weights: *mut f32,
    d_bias: *mut f32,
) -> c_int {
    let (x, dy, dw) =
        (from_raw_parts(x, p.x_len()), from_raw_parts(dy, p.y_len()), from_raw_parts_mut(d_weights, p.weights_len()));
    dw.fill(0.0);
    p.every_product(|i, at, o| dw[at] += x[i] * dy[o]);
    if p.bias == 1 {
        let db = from_raw_parts_mut(d_bias, p.out_channels as usize);
        db.fill(0.0);
        for (nk, values) in dy.chunks(count(&p.output)).enumerate() {
            for value in values {
                db[nk % p.out_channels as usize] += value;
            }
        }
    }
    0
}

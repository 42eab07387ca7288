// A convolution straight from the definition, in all three passes: one thread an element of the output.
// The constants are the problem's, as in benchconv.h; axes beyond its rank have extents of 1.
override in_channels: u32;
override out_channels: u32;
override batch: u32;
override groups: u32;
override has_bias: u32;
override input_0: i32; override input_1: i32; override input_2: i32;
override output_0: i32; override output_1: i32; override output_2: i32;
override kernel_0: i32; override kernel_1: i32; override kernel_2: i32;
override stride_0: i32; override stride_1: i32; override stride_2: i32;
override dilation_0: i32; override dilation_1: i32; override dilation_2: i32;
override pad_begin_0: i32; override pad_begin_1: i32; override pad_begin_2: i32;

// The operands of a pass in their order; binding 2 is the bias, or its gradient; binding 3 is the output.
@group(0) @binding(0) var<storage, read> first: array<f32>;
@group(0) @binding(1) var<storage, read> second: array<f32>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(2) var<storage, read_write> d_bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> result: array<f32>;

const WIDTH = 64u;

fn at(plane: u32, extents: vec3i, place: vec3i) -> u32 {
  return u32(((i32(plane) * extents.x + place.x) * extents.y + place.y) * extents.z + place.z);
}

// The place of an element in its plane, and the plane.
fn placed(index: u32, extents: vec3i) -> vec4i {
  let i = i32(index);
  let rows = i / extents.z;
  let planes = rows / extents.y;
  return vec4i(planes % extents.x, rows % extents.y, i % extents.z, planes / extents.x);
}

// The input that an output meets with a tap.
fn met(out: vec3i, tap: vec3i) -> vec3i {
  let stride = vec3i(stride_0, stride_1, stride_2);
  let dilation = vec3i(dilation_0, dilation_1, dilation_2);
  return out * stride + tap * dilation - vec3i(pad_begin_0, pad_begin_1, pad_begin_2);
}

fn is_inside(place: vec3i, extents: vec3i) -> bool {
  return all(place >= vec3i(0)) && all(place < extents);
}

@compute @workgroup_size(64)
fn forward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) count: vec3u) {
  let index = id.x + id.y * count.x * WIDTH;
  if (index >= arrayLength(&result)) { return; }
  let input = vec3i(input_0, input_1, input_2);
  let kernel = vec3i(kernel_0, kernel_1, kernel_2);
  let out = placed(index, vec3i(output_0, output_1, output_2));
  let n = u32(out.w) / out_channels;
  let k = u32(out.w) % out_channels;
  let channels = in_channels / groups;
  let group = k / (out_channels / groups);
  var sum = 0.0;
  if (has_bias == 1u) { sum = bias[k]; }
  for (var c = 0u; c < channels; c++) {
    for (var tap = 0u; tap < u32(kernel.x * kernel.y * kernel.z); tap++) {
      let place = met(out.xyz, placed(tap, kernel).xyz);
      if (is_inside(place, input)) {
        let x = first[at(n * in_channels + group * channels + c, input, place)];
        sum += x * second[(k * channels + c) * u32(kernel.x * kernel.y * kernel.z) + tap];
      }
    }
  }
  result[index] = sum;
}

@compute @workgroup_size(64)
fn backward_data(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) count: vec3u) {
  let index = id.x + id.y * count.x * WIDTH;
  if (index >= arrayLength(&result)) { return; }
  let output = vec3i(output_0, output_1, output_2);
  let kernel = vec3i(kernel_0, kernel_1, kernel_2);
  let stride = vec3i(stride_0, stride_1, stride_2);
  let at_input = placed(index, vec3i(input_0, input_1, input_2));
  let n = u32(at_input.w) / in_channels;
  let channels = in_channels / groups;
  let filters = out_channels / groups;
  let c = u32(at_input.w) % in_channels;
  var sum = 0.0;
  for (var f = 0u; f < filters; f++) {
    let k = c / channels * filters + f;
    for (var tap = 0u; tap < u32(kernel.x * kernel.y * kernel.z); tap++) {
      // out * stride + met(0, tap) is this place, if out is whole and inside.
      let far = at_input.xyz - met(vec3i(0), placed(tap, kernel).xyz);
      let out = far / stride;
      if (all(far >= vec3i(0)) && all(out * stride == far) && is_inside(out, output)) {
        let w = second[(k * channels + c % channels) * u32(kernel.x * kernel.y * kernel.z) + tap];
        sum += first[at(n * out_channels + k, output, out)] * w;
      }
    }
  }
  result[index] = sum;
}

@compute @workgroup_size(64)
fn backward_weights(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) count: vec3u) {
  let index = id.x + id.y * count.x * WIDTH;
  if (index >= arrayLength(&result)) { return; }
  let input = vec3i(input_0, input_1, input_2);
  let output = vec3i(output_0, output_1, output_2);
  let tap = placed(index, vec3i(kernel_0, kernel_1, kernel_2));
  let channels = in_channels / groups;
  let k = u32(tap.w) / channels;
  let c = k / (out_channels / groups) * channels + u32(tap.w) % channels;
  let points = u32(output.x * output.y * output.z);
  var sum = 0.0;
  for (var n = 0u; n < batch; n++) {
    for (var point = 0u; point < points; point++) {
      let place = met(placed(point, output).xyz, tap.xyz);
      if (is_inside(place, input)) {
        sum += first[at(n * in_channels + c, input, place)] * second[(n * out_channels + k) * points + point];
      }
    }
  }
  result[index] = sum;
  if (has_bias == 1u && index < out_channels) {
    var of_bias = 0.0;
    for (var n = 0u; n < batch; n++) {
      for (var point = 0u; point < points; point++) { of_bias += second[(n * out_channels + index) * points + point]; }
    }
    d_bias[index] = of_bias;
  }
}

import { multiplyAdd } from "../../support/assembly/lanes";

/**
 * The products of a matrix that is used once, as a fully connected layer's with one image: each of its numbers is read
 * (or written) once, as it lies in the tensor, so that memory is the limit and the arithmetic must not slow it down. A
 * job is eight numbers: the matrix, its rows, its columns, the bytes from a row to the next, a vector with an element a
 * column, one with an element a row, and what each of `rows` starts from.
 */
const JOB_BYTES: usize = 32;

class Job {
  matrix: usize;
  rows: i32;
  columns: i32;
  stride: usize;
  alongColumns: usize;
  alongRows: usize;
  initial: usize;
  unused: i32;
}

/** alongRows = initial + matrix · alongColumns: four rows at a time, with two chains a row. */
export function multiplyVector(jobs: usize, count: i32): void {
  for (; count > 0; count--, jobs += JOB_BYTES) {
    const job = changetype<Job>(jobs);
    const stride = job.stride;
    let row = 0;
    if (ASC_FEATURE_SIMD) {
      for (; row + 4 <= job.rows; row += 4) {
        const at = (<usize>row) << 2;
        fourDots(
          job.matrix + <usize>row * stride,
          stride,
          job.alongColumns,
          job.columns,
          job.initial + at,
          job.alongRows + at,
        );
      }
    }
    for (; row < job.rows; row++) {
      const at = (<usize>row) << 2;
      dot(job.matrix + <usize>row * stride, job.alongColumns, job.columns, job.initial + at, job.alongRows + at);
    }
  }
}

// prettier-ignore
function fourDots(r0: usize, stride: usize, vector: usize, columns: i32, initial: usize, to: usize): void {
  let r1 = r0 + stride;
  let r2 = r1 + stride;
  let r3 = r2 + stride;
  let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
  let left = columns;
  for (; left >= 8; left -= 8) {
    const v = v128.load(vector), w = v128.load(vector, 16);
    a0 = multiplyAdd(a0, v, v128.load(r0)); b0 = multiplyAdd(b0, w, v128.load(r0, 16));
    a1 = multiplyAdd(a1, v, v128.load(r1)); b1 = multiplyAdd(b1, w, v128.load(r1, 16));
    a2 = multiplyAdd(a2, v, v128.load(r2)); b2 = multiplyAdd(b2, w, v128.load(r2, 16));
    a3 = multiplyAdd(a3, v, v128.load(r3)); b3 = multiplyAdd(b3, w, v128.load(r3, 16));
    vector += 32; r0 += 32; r1 += 32; r2 += 32; r3 += 32;
  }
  let s0 = sum(f32x4.add(a0, b0)), s1 = sum(f32x4.add(a1, b1));
  let s2 = sum(f32x4.add(a2, b2)), s3 = sum(f32x4.add(a3, b3));
  for (; left > 0; left--) {
    const v = load<f32>(vector);
    s0 += v * load<f32>(r0); s1 += v * load<f32>(r1); s2 += v * load<f32>(r2); s3 += v * load<f32>(r3);
    vector += 4; r0 += 4; r1 += 4; r2 += 4; r3 += 4;
  }
  store<f32>(to, load<f32>(initial) + s0);
  store<f32>(to, load<f32>(initial, 4) + s1, 4);
  store<f32>(to, load<f32>(initial, 8) + s2, 8);
  store<f32>(to, load<f32>(initial, 12) + s3, 12);
}

function sum(v: v128): f32 {
  return f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3));
}

function dot(row: usize, vector: usize, columns: i32, initial: usize, to: usize): void {
  let a: f32 = 0;
  let b: f32 = 0;
  let left = columns;
  for (; left >= 2; left -= 2, row += 8, vector += 8) {
    a += load<f32>(row) * load<f32>(vector);
    b += load<f32>(row, 4) * load<f32>(vector, 4);
  }
  if (left) a += load<f32>(row) * load<f32>(vector);
  store<f32>(to, load<f32>(initial) + (a + b));
}

/** alongColumns = matrixᵀ · alongRows: eight rows at a time are added to the sums, which stay in a cache. */
export function multiplyTransposed(jobs: usize, count: i32): void {
  for (; count > 0; count--, jobs += JOB_BYTES) {
    const job = changetype<Job>(jobs);
    memory.fill(job.alongColumns, 0, (<usize>job.columns) << 2);
    let row = 0;
    for (; row + 8 <= job.rows; row += 8) addEightRows(job, row);
    for (; row < job.rows; row++) addRow(job, row);
  }
}

// prettier-ignore
function addEightRows(job: Job, row: i32): void {
  const stride = job.stride;
  let r0 = job.matrix + <usize>row * stride;
  let r4 = r0 + 4 * stride;
  const stride2 = 2 * stride, stride3 = 3 * stride;
  const from = job.alongRows + (<usize>row << 2);
  let to = job.alongColumns;
  let left = job.columns;
  if (ASC_FEATURE_SIMD) {
    const s0 = v128.load32_splat(from), s1 = v128.load32_splat(from, 4);
    const s2 = v128.load32_splat(from, 8), s3 = v128.load32_splat(from, 12);
    const s4 = v128.load32_splat(from, 16), s5 = v128.load32_splat(from, 20);
    const s6 = v128.load32_splat(from, 24), s7 = v128.load32_splat(from, 28);
    for (; left >= 4; left -= 4, r0 += 16, r4 += 16, to += 16) {
      let a = multiplyAdd(v128.load(to), s0, v128.load(r0));
      let b = f32x4.mul(s4, v128.load(r4));
      a = multiplyAdd(a, s1, v128.load(r0 + stride));
      b = multiplyAdd(b, s5, v128.load(r4 + stride));
      a = multiplyAdd(a, s2, v128.load(r0 + stride2));
      b = multiplyAdd(b, s6, v128.load(r4 + stride2));
      a = multiplyAdd(a, s3, v128.load(r0 + stride3));
      b = multiplyAdd(b, s7, v128.load(r4 + stride3));
      v128.store(to, f32x4.add(a, b));
    }
  }
  for (; left > 0; left--, r0 += 4, r4 += 4, to += 4) {
    let a = load<f32>(to) + load<f32>(from) * load<f32>(r0);
    let b = load<f32>(from, 16) * load<f32>(r4);
    a += load<f32>(from, 4) * load<f32>(r0 + stride);
    b += load<f32>(from, 20) * load<f32>(r4 + stride);
    a += load<f32>(from, 8) * load<f32>(r0 + stride2);
    b += load<f32>(from, 24) * load<f32>(r4 + stride2);
    a += load<f32>(from, 12) * load<f32>(r0 + stride3);
    b += load<f32>(from, 28) * load<f32>(r4 + stride3);
    store<f32>(to, a + b);
  }
}

function addRow(job: Job, row: i32): void {
  let from = job.matrix + <usize>row * job.stride;
  const scale = load<f32>(job.alongRows + ((<usize>row) << 2));
  const end = job.alongColumns + ((<usize>job.columns) << 2);
  for (let to = job.alongColumns; to < end; to += 4, from += 4) store<f32>(to, load<f32>(to) + scale * load<f32>(from));
}

/** matrix = alongRows · alongColumnsᵀ, an outer product. */
export function outerProduct(jobs: usize, count: i32): void {
  for (; count > 0; count--, jobs += JOB_BYTES) {
    const job = changetype<Job>(jobs);
    for (let row = 0; row < job.rows; row++) {
      let to = job.matrix + <usize>row * job.stride;
      let from = job.alongColumns;
      let left = job.columns;
      const at = job.alongRows + ((<usize>row) << 2);
      if (ASC_FEATURE_SIMD) {
        const scale = v128.load32_splat(at);
        for (; left >= 8; left -= 8, from += 32, to += 32) {
          v128.store(to, f32x4.mul(scale, v128.load(from)));
          v128.store(to, f32x4.mul(scale, v128.load(from, 16)), 16);
        }
      }
      for (; left > 0; left--, from += 4, to += 4) store<f32>(to, load<f32>(at) * load<f32>(from));
    }
  }
}

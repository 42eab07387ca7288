/* A convolution straight from the definition, in all three passes. */
#include <algorithm>

#include "benchconv.h"

const char *benchconv_describe(void) {
  return "{\"name\": \"example-cpp\", \"description\": \"the definition, in C\"}";
}

static int64_t count(const int32_t extents[3]) { return (int64_t)extents[0] * extents[1] * extents[2]; }

/*
 * Meets every product of the layer, which are the same in all passes: y[out] += x[in] * w[at], dx[in] += dy[out] * w[at]
 * and dw[at] += x[in] * dy[out]. A problem of rank 1 or 2 has extents of 1 on the other axes. Padding adds nothing.
 */
static void add_products(const benchconv_problem *p, int pass, float *x, float *w, float *y) {
  const int64_t C = p->in_channels / p->groups, K = p->out_channels / p->groups;
  const int32_t *I = p->input, *O = p->output, *R = p->kernel;
  int64_t out = 0;
  for (int64_t n = 0; n < p->batch; n++)
    for (int64_t k = 0; k < p->out_channels; k++)
      for (int64_t oz = 0; oz < O[0]; oz++)
        for (int64_t oy = 0; oy < O[1]; oy++)
          for (int64_t ox = 0; ox < O[2]; ox++, out++) {
            int64_t at = k * C * count(R);
            for (int64_t c = 0; c < C; c++) {
              const int64_t plane = n * p->in_channels + k / K * C + c;
              for (int64_t r = 0; r < R[0]; r++)
                for (int64_t s = 0; s < R[1]; s++)
                  for (int64_t t = 0; t < R[2]; t++, at++) {
                    const int64_t iz = oz * p->stride[0] + r * p->dilation[0] - p->pad_begin[0];
                    const int64_t iy = oy * p->stride[1] + s * p->dilation[1] - p->pad_begin[1];
                    const int64_t ix = ox * p->stride[2] + t * p->dilation[2] - p->pad_begin[2];
                    if (iz < 0 || iz >= I[0] || iy < 0 || iy >= I[1] || ix < 0 || ix >= I[2]) continue;
                    const int64_t in = ((plane * I[0] + iz) * I[1] + iy) * I[2] + ix;
                    if (pass == BENCHCONV_FORWARD) y[out] += x[in] * w[at];
                    if (pass == BENCHCONV_BACKWARD_DATA) x[in] += y[out] * w[at];
                    if (pass == BENCHCONV_BACKWARD_WEIGHTS) w[at] += x[in] * y[out];
                  }
            }
          }
}

int benchconv_forward(const benchconv_problem *p, const void *x, const void *weights, const void *bias, void *y) {
  const float *b = static_cast<const float *>(bias);
  float *out = static_cast<float *>(y);
  for (int64_t n = 0; n < p->batch; n++)
    for (int64_t k = 0; k < p->out_channels; k++)
      for (int64_t i = 0; i < count(p->output); i++) *out++ = b ? b[k] : 0;
  add_products(p, BENCHCONV_FORWARD, (float *)x, (float *)weights, (float *)y);
  return 0;
}

int benchconv_backward_data(const benchconv_problem *p, const void *dy, const void *weights, void *dx) {
  float *out = static_cast<float *>(dx);
  std::fill_n(out, (int64_t)p->batch * p->in_channels * count(p->input), 0.0f);
  add_products(p, BENCHCONV_BACKWARD_DATA, (float *)dx, (float *)weights, (float *)dy);
  return 0;
}

int benchconv_backward_weights(const benchconv_problem *p, const void *x, const void *dy, void *d_weights,
                               void *d_bias) {
  float *out = static_cast<float *>(d_weights), *b = static_cast<float *>(d_bias);
  std::fill_n(out, (int64_t)p->out_channels * (p->in_channels / p->groups) * count(p->kernel), 0.0f);
  add_products(p, BENCHCONV_BACKWARD_WEIGHTS, (float *)x, (float *)d_weights, (float *)dy);
  for (int64_t k = 0; b && k < p->out_channels; k++) {
    b[k] = 0;
    for (int64_t n = 0; n < p->batch; n++)
      for (int64_t i = 0; i < count(p->output); i++)
        b[k] += ((const float *)dy)[(n * p->out_channels + k) * count(p->output) + i];
  }
  return 0;
}

// Patches of the image as the columns of a matrix (im2col, as in Caffe), and OpenBLAS's matrix product.
// benchconv: flags=-O3 -lopenblas
#if !__has_include(<openblas_config.h>) && !__has_include(<openblas/openblas_config.h>)
#error "OpenBLAS is not installed (Debian: apt-get install libopenblas-dev)"
#endif
#if __has_include(<cblas-openblas.h>)
#include <cblas-openblas.h>
#else
#include <cblas.h>
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "benchconv.h"

const char *benchconv_describe(void) {
  static char json[512];
  snprintf(json, sizeof json,
           "{\"name\": \"openblas-im2col\", \"algorithm\": \"gemm\", \"version\": \"%s\","
           "\"source\": \"https://www.openblas.net\", \"description\": \"im2col and OpenBLAS's sgemm, image by image\"}",
           openblas_get_config());
  return json;
}

const char *benchconv_error(void) { return "there is no memory for the columns"; }

static int64_t count(const int32_t extents[3]) { return (int64_t)extents[0] * extents[1] * extents[2]; }

typedef struct {
  benchconv_problem p;
  int64_t C, K, in_points, out_points, rows; /* channels and filters of a group; points of input and output; rows of the columns */
  int is_image, pass;         /* the columns are the image itself */
  const float *first, *second, *bias;
  float *columns, *output, *d_bias;
  char core[64];
} plan_t;

/*
 * Goes through the columns of one group of an image. Copies the image to them, or adds them to the image: a row is a
 * channel and a tap, a column an output point.
 */
static void columns(const plan_t *plan, float *image, float *to, int is_back) {
  const benchconv_problem *p = &plan->p;
  const int32_t *in = p->input, *out = p->output, *kernel = p->kernel, *s = p->stride;
  for (int64_t c = 0; c < plan->C; c++, image += plan->in_points)
    for (int64_t tap = 0; tap < count(kernel); tap++) {
      const int64_t taps[] = {tap / kernel[2] / kernel[1], tap / kernel[2] % kernel[1], tap % kernel[2]};
      int64_t at[3];
      for (int a = 0; a < 3; a++) at[a] = taps[a] * p->dilation[a] - p->pad_begin[a];
      // Output columns whose input lies in the row.
      int64_t from = at[2] >= 0 ? 0 : (-at[2] + s[2] - 1) / s[2], till = at[2] >= in[2] ? 0 : (in[2] - 1 - at[2]) / s[2] + 1;
      if (till > out[2]) till = out[2];
      if (from > till) from = till;
      for (int64_t z = 0; z < out[0]; z++)
        for (int64_t y = 0; y < out[1]; y++, to += out[2]) {
          const int64_t iz = z * s[0] + at[0], iy = y * s[1] + at[1];
          const int is_inside = iz >= 0 && iz < in[0] && iy >= 0 && iy < in[1];
          float *row = is_inside ? image + (iz * in[1] + iy) * in[2] : NULL;
          if (is_back) {
            if (row)
              for (int64_t x = from; x < till; x++) row[x * s[2] + at[2]] += to[x];
          } else if (!row) {
            memset(to, 0, out[2] * sizeof *to);
          } else {
            memset(to, 0, from * sizeof *to);
            if (s[2] == 1) memcpy(to + from, row + from + at[2], (till - from) * sizeof *to);
            else
              for (int64_t x = from; x < till; x++) to[x] = row[x * s[2] + at[2]];
            memset(to + till, 0, (out[2] - till) * sizeof *to);
          }
        }
    }
}

void benchconv_dispose(void *state) {
  plan_t *plan = state;
  free(plan->columns);
  free(plan->output);
  free(plan->d_bias);
  free(plan);
}

static int64_t output_elements(const plan_t *plan) {
  const benchconv_problem *p = &plan->p;
  if (plan->pass == BENCHCONV_FORWARD) return p->batch * p->out_channels * plan->out_points;
  if (plan->pass == BENCHCONV_BACKWARD_DATA) return p->batch * p->in_channels * plan->in_points;
  return p->out_channels * plan->rows;
}

void *benchconv_plan(const benchconv_problem *p, int32_t pass) {
  plan_t *plan = calloc(1, sizeof *plan);
  if (!plan) return NULL;
  plan->p = *p;
  plan->pass = pass;
  plan->C = p->in_channels / p->groups;
  plan->K = p->out_channels / p->groups;
  plan->in_points = count(p->input);
  plan->out_points = count(p->output);
  plan->rows = plan->C * count(p->kernel);
  plan->is_image = count(p->kernel) == 1 && count(p->stride) == 1 && !memcmp(p->input, p->output, sizeof p->input);
  for (int a = 0; a < 3; a++) plan->is_image &= p->pad_begin[a] == 0;
  plan->columns = malloc(plan->rows * plan->out_points * sizeof(float));
  plan->output = malloc(output_elements(plan) * sizeof(float));
  plan->d_bias = malloc(p->out_channels * sizeof(float));
  snprintf(plan->core, sizeof plan->core, "%s", openblas_get_corename());
  if (plan->columns && plan->output && plan->d_bias) return plan;
  benchconv_dispose(plan);
  return NULL;
}

const char *benchconv_choice(void *plan) { return ((plan_t *)plan)->core; }

int benchconv_load(void *state, const void *first, const void *second, const void *bias) {
  plan_t *plan = state;
  plan->first = first;
  plan->second = second;
  plan->bias = bias;
  return 0;
}

static void product(CBLAS_TRANSPOSE ta, CBLAS_TRANSPOSE tb, int64_t m, int64_t n, int64_t k, const float *a,
                    const float *b, float beta, float *c) {
  cblas_sgemm(CblasRowMajor, ta, tb, m, n, k, 1, a, ta == CblasTrans ? m : k, b, tb == CblasTrans ? k : n, beta, c, n);
}

int benchconv_run(void *state) {
  plan_t *plan = state;
  const benchconv_problem *p = &plan->p;
  const int64_t C = plan->C, K = plan->K, inputs = plan->in_points, outputs = plan->out_points, rows = plan->rows;
  openblas_set_num_threads(p->threads);
  if (plan->pass == BENCHCONV_BACKWARD_DATA) memset(plan->output, 0, output_elements(plan) * sizeof(float));
  for (int64_t n = 0; n < p->batch; n++)
    for (int64_t g = 0; g < p->groups; g++) {
      const int64_t of_x = (n * p->in_channels + g * C) * inputs, of_y = (n * p->out_channels + g * K) * outputs, of_w = g * K * rows;
      if (plan->pass == BENCHCONV_BACKWARD_DATA) {
        float *dx = plan->output + of_x, *to = plan->is_image ? dx : plan->columns;
        product(CblasTrans, CblasNoTrans, rows, outputs, K, plan->second + of_w, plan->first + of_y, 0, to);
        if (!plan->is_image) columns(plan, dx, to, 1);
        continue;
      }
      const float *x = plan->first + of_x;
      if (!plan->is_image) columns(plan, (float *)x, plan->columns, 0);
      const float *from = plan->is_image ? x : plan->columns;
      if (plan->pass == BENCHCONV_BACKWARD_WEIGHTS) {
        product(CblasNoTrans, CblasTrans, K, rows, outputs, plan->second + of_y, from, n > 0, plan->output + of_w);
        continue;
      }
      float *y = plan->output + of_y;
      for (int64_t k = 0; plan->bias && k < K; k++)
        for (int64_t i = 0; i < outputs; i++) y[k * outputs + i] = plan->bias[g * K + k];
      product(CblasNoTrans, CblasNoTrans, K, outputs, rows, plan->second + of_w, from, plan->bias != NULL, y);
    }
  if (plan->pass == BENCHCONV_BACKWARD_WEIGHTS && p->bias)
    for (int64_t k = 0; k < p->out_channels; k++) {
      float sum = 0;
      for (int64_t n = 0; n < p->batch; n++)
        for (int64_t i = 0; i < outputs; i++) sum += plan->second[(n * p->out_channels + k) * outputs + i];
      plan->d_bias[k] = sum;
    }
  return 0;
}

int benchconv_read(void *state, void *output, void *d_bias) {
  const plan_t *plan = state;
  memcpy(output, plan->output, output_elements(plan) * sizeof(float));
  if (d_bias) memcpy(d_bias, plan->d_bias, plan->p.out_channels * sizeof(float));
  return 0;
}

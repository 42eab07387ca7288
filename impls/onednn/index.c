// oneDNN, by its C interface of version 2. Data comes and goes as N C spatial..., in oneDNN's own layouts in between.
// benchconv: flags=-ldnnl -lgomp
#if !__has_include(<oneapi/dnnl/dnnl.h>)
#error "oneDNN is not installed (Debian: apt-get install libdnnl-dev)"
#endif
#include <oneapi/dnnl/dnnl.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "benchconv.h"
#if DNNL_VERSION_MAJOR != 2
#error "oneDNN 2 is needed (Debian 12: libdnnl-dev); its C interface is another from version 3 on"
#endif

static char said[256];
static dnnl_engine_t engine;
static dnnl_stream_t stream;

static int is_ready(void) {
  if (stream) return 1;
  return dnnl_engine_create(&engine, dnnl_cpu, 0) == dnnl_success &&
         dnnl_stream_create(&stream, engine, dnnl_stream_default_flags) == dnnl_success;
}

const char *benchconv_describe(void) {
  static char json[256];
  const dnnl_version_t *v = dnnl_version();
  snprintf(json, sizeof json,
           "{\"name\": \"onednn\", \"version\": \"%d.%d.%d\", \"source\": \"https://github.com/oneapi-src/oneDNN\","
           "\"description\": \"oneDNN, its own choice of algorithm and layouts; data is reordered in the timed call\"}",
           v->major, v->minor, v->patch);
  return json;
}

const char *benchconv_error(void) { return said; }

static int failed(const char *what, dnnl_status_t status) {
  snprintf(said, sizeof said, "%s: dnnl_status_t %d", what, (int)status);
  return status;
}

/* The tensors of a pass, operands first: x, weights and dst (y), or a gradient in the place of one. */
typedef struct {
  dnnl_memory_desc_t plain[4], any[4]; /* src, weights, bias, dst; as they come, and as oneDNN likes them */
} descs_t;
enum { SRC, WEIGHTS, BIAS, DST };

static void describe_tensors(const benchconv_problem *p, descs_t *d) {
  static const dnnl_format_tag_t tags[] = {dnnl_a, dnnl_ab, dnnl_abc, dnnl_abcd, dnnl_abcde, dnnl_abcdef};
  const int r = p->rank, g = p->groups > 1;
  dnnl_dims_t src = {p->batch, p->in_channels}, dst = {p->batch, p->out_channels}, bias = {p->out_channels}, w;
  if (g) w[0] = p->groups;
  w[g] = p->out_channels / p->groups;
  w[g + 1] = p->in_channels / p->groups;
  for (int i = 0; i < r; i++) {
    src[2 + i] = p->input[i];
    dst[2 + i] = p->output[i];
    w[g + 2 + i] = p->kernel[i];
  }
  const int ranks[] = {2 + r, 2 + r + g, 1, 2 + r};
  int64_t *dims[] = {src, w, bias, dst};
  for (int t = 0; t < 4; t++) {
    dnnl_memory_desc_init_by_tag(&d->plain[t], ranks[t], dims[t], dnnl_f32, tags[ranks[t] - 1]);
    dnnl_memory_desc_init_by_tag(&d->any[t], ranks[t], dims[t], dnnl_f32, t == BIAS ? dnnl_a : dnnl_format_tag_any);
  }
}

/* What oneDNN chooses for a problem and a pass; NULL where it does not do it. */
static dnnl_primitive_desc_t chosen(const benchconv_problem *p, int32_t pass) {
  if (!is_ready()) return NULL;
  descs_t d;
  describe_tensors(p, &d);
  dnnl_dims_t strides, dilates, begin, end;
  for (int i = 0; i < p->rank; i++) {
    strides[i] = p->stride[i];
    dilates[i] = p->dilation[i] - 1;
    begin[i] = p->pad_begin[i];
    end[i] = p->pad_end[i];
  }
  const dnnl_memory_desc_t *bias = p->bias ? &d.any[BIAS] : NULL;
  dnnl_convolution_desc_t forward, backward;
  dnnl_primitive_desc_t hint = NULL, desc = NULL;
  const int is_forward = pass == BENCHCONV_FORWARD;
  if (dnnl_dilated_convolution_forward_desc_init(
          &forward, is_forward ? dnnl_forward_inference : dnnl_forward_training, dnnl_convolution_auto, &d.any[SRC],
          &d.any[WEIGHTS], bias, &d.any[DST], strides, dilates, begin, end) != dnnl_success ||
      dnnl_primitive_desc_create(&hint, &forward, NULL, engine, NULL) != dnnl_success)
    return NULL;
  if (is_forward) return hint;
  dnnl_status_t status =
      pass == BENCHCONV_BACKWARD_DATA
          ? dnnl_dilated_convolution_backward_data_desc_init(&backward, dnnl_convolution_auto, &d.any[SRC],
                                                             &d.any[WEIGHTS], &d.any[DST], strides, dilates, begin, end)
          : dnnl_dilated_convolution_backward_weights_desc_init(&backward, dnnl_convolution_auto, &d.any[SRC],
                                                                &d.any[WEIGHTS], bias, &d.any[DST], strides, dilates,
                                                                begin, end);
  if (status == dnnl_success && dnnl_primitive_desc_create(&desc, &backward, NULL, engine, hint) != dnnl_success)
    desc = NULL;
  dnnl_primitive_desc_destroy(hint);
  return desc;
}

static const char *name_of(dnnl_primitive_desc_t desc) {
  const char *name = "";
  dnnl_primitive_desc_query(desc, dnnl_query_impl_info_str, 0, &name);
  return name;
}

const char *benchconv_unavailable(void) { return is_ready() ? NULL : "oneDNN has no engine for this processor"; }

const char *benchconv_unsupported(const benchconv_problem *p, int32_t pass) {
  dnnl_primitive_desc_t desc = chosen(p, pass);
  if (!desc) return "oneDNN has no implementation of it";
  dnnl_primitive_desc_destroy(desc);
  return NULL;
}

const char *benchconv_algorithm(const benchconv_problem *p, int32_t pass) {
  dnnl_primitive_desc_t desc = chosen(p, pass);
  const char *name = desc ? name_of(desc) : "";
  const char *algorithm = !strstr(name, "wino") ? "direct" : strstr(name, "2x3") ? "winograd(2,3)" : "winograd(4,3)";
  dnnl_primitive_desc_destroy(desc);
  return algorithm;
}

/* A tensor as it comes and as the primitive wants it; where these are the same there is one memory and no reorder. */
typedef struct {
  dnnl_memory_t plain, own;
  dnnl_primitive_t reorder;
} tensor_t;

typedef struct {
  dnnl_primitive_t primitive;
  tensor_t tensors[4];
  float *outputs[4]; /* where what is computed is kept */
  int threads, pass, order[3], result;
  char name[128];
} plan_t;

static int reorder(const tensor_t *t, int is_output) {
  if (!t->reorder) return 0;
  dnnl_exec_arg_t args[] = {{DNNL_ARG_FROM, is_output ? t->own : t->plain}, {DNNL_ARG_TO, is_output ? t->plain : t->own}};
  return dnnl_primitive_execute(t->reorder, stream, 2, args);
}

static dnnl_status_t make_tensor(tensor_t *t, const dnnl_memory_desc_t *plain, const dnnl_memory_desc_t *own,
                                 int is_output) {
  dnnl_status_t status = dnnl_memory_create(&t->plain, plain, engine, DNNL_MEMORY_NONE);
  if (status != dnnl_success || dnnl_memory_desc_equal(plain, own)) {
    t->own = t->plain;
    return status;
  }
  dnnl_primitive_desc_t desc;
  status = dnnl_memory_create(&t->own, own, engine, DNNL_MEMORY_ALLOCATE);
  if (status == dnnl_success)
    status = dnnl_reorder_primitive_desc_create(&desc, is_output ? own : plain, engine, is_output ? plain : own, engine,
                                                NULL);
  if (status != dnnl_success) return status;
  status = dnnl_primitive_create(&t->reorder, desc);
  dnnl_primitive_desc_destroy(desc);
  return status;
}

void benchconv_dispose(void *state) {
  plan_t *plan = state;
  for (int t = 0; t < 4; t++) {
    tensor_t *tensor = &plan->tensors[t];
    if (tensor->own != tensor->plain) dnnl_memory_destroy(tensor->own);
    if (tensor->plain) dnnl_memory_destroy(tensor->plain);
    if (tensor->reorder) dnnl_primitive_destroy(tensor->reorder);
    free(plan->outputs[t]);
  }
  if (plan->primitive) dnnl_primitive_destroy(plan->primitive);
  free(plan);
}

void *benchconv_plan(const benchconv_problem *p, int32_t pass) {
  static const int orders[3][3] = {{SRC, WEIGHTS, BIAS}, {DST, WEIGHTS, -1}, {SRC, DST, -1}}, results[] = {DST, SRC, WEIGHTS};
  omp_set_num_threads(p->threads);
  dnnl_primitive_desc_t desc = chosen(p, pass);
  if (!desc) return NULL;
  plan_t *plan = calloc(1, sizeof *plan);
  plan->threads = p->threads;
  plan->pass = pass;
  plan->result = results[pass];
  memcpy(plan->order, orders[pass], sizeof plan->order);
  snprintf(plan->name, sizeof plan->name, "%s", name_of(desc));
  descs_t d;
  describe_tensors(p, &d);
  const dnnl_query_t queries[3][4] = {
      {dnnl_query_src_md, dnnl_query_weights_md, dnnl_query_weights_md, dnnl_query_dst_md},
      {dnnl_query_diff_src_md, dnnl_query_weights_md, dnnl_query_weights_md, dnnl_query_diff_dst_md},
      {dnnl_query_src_md, dnnl_query_diff_weights_md, dnnl_query_diff_weights_md, dnnl_query_diff_dst_md}};
  dnnl_status_t status = dnnl_primitive_create(&plan->primitive, desc);
  for (int t = 0; t < 4 && status == dnnl_success; t++) {
    const int is_bias = t == BIAS, is_output = t == plan->result || (is_bias && pass == BENCHCONV_BACKWARD_WEIGHTS);
    if (is_bias && (!p->bias || pass == BENCHCONV_BACKWARD_DATA)) continue;
    const dnnl_memory_desc_t *own =
        is_bias ? &d.plain[BIAS] : dnnl_primitive_desc_query_md(desc, queries[pass][t], 0);
    status = make_tensor(&plan->tensors[t], &d.plain[t], own, is_output);
    if (is_output && status == dnnl_success) {
      plan->outputs[t] = aligned_alloc(64, (dnnl_memory_desc_get_size(&d.plain[t]) + 63) / 64 * 64);
      status = dnnl_memory_set_data_handle(plan->tensors[t].plain, plan->outputs[t]);
    }
  }
  dnnl_primitive_desc_destroy(desc);
  if (status == dnnl_success) return plan;
  failed("planning", status);
  benchconv_dispose(plan);
  return NULL;
}

const char *benchconv_choice(void *plan) { return ((plan_t *)plan)->name; }

int benchconv_load_changed(void *state, const void *first, const void *second, const void *bias, int32_t changed) {
  plan_t *plan = state;
  const void *given[] = {first, second, bias};
  omp_set_num_threads(plan->threads);
  for (int i = 0; i < 3; i++) {
    if (plan->order[i] < 0 || !given[i]) continue;
    tensor_t *tensor = &plan->tensors[plan->order[i]];
    dnnl_status_t status = dnnl_memory_set_data_handle(tensor->plain, (void *)given[i]);
    // Data is reordered in each call, weights once.
    if (status == dnnl_success && plan->order[i] == WEIGHTS && changed & 1 << i) status = reorder(tensor, 0);
    if (status != dnnl_success) return failed("loading", status);
  }
  return dnnl_stream_wait(stream);
}

int benchconv_load(void *plan, const void *first, const void *second, const void *bias) {
  return benchconv_load_changed(plan, first, second, bias, ~0);
}

int benchconv_run(void *state) {
  plan_t *plan = state;
  const int is_weights = plan->pass == BENCHCONV_BACKWARD_WEIGHTS, is_data = plan->pass == BENCHCONV_BACKWARD_DATA;
  omp_set_num_threads(plan->threads);
  dnnl_status_t status = dnnl_success;
  for (int i = 0; i < 2 && status == dnnl_success; i++)
    if (plan->order[i] != WEIGHTS) status = reorder(&plan->tensors[plan->order[i]], 0);
  if (status != dnnl_success) return failed("reordering", status);
  const tensor_t *t = plan->tensors;
  const dnnl_exec_arg_t args[] = {
      {is_data ? DNNL_ARG_DIFF_SRC : DNNL_ARG_SRC, t[SRC].own},
      {is_weights ? DNNL_ARG_DIFF_WEIGHTS : DNNL_ARG_WEIGHTS, t[WEIGHTS].own},
      {is_data || is_weights ? DNNL_ARG_DIFF_DST : DNNL_ARG_DST, t[DST].own},
      {is_weights ? DNNL_ARG_DIFF_BIAS : DNNL_ARG_BIAS, t[BIAS].own},
  };
  status = dnnl_primitive_execute(plan->primitive, stream, t[BIAS].own ? 4 : 3, args);
  if (status == dnnl_success) status = reorder(&t[plan->result], 1);
  if (status == dnnl_success) status = dnnl_stream_wait(stream);
  return status == dnnl_success ? 0 : failed("dnnl_primitive_execute", status);
}

static void copy_out(plan_t *plan, int tensor, void *to) {
  const dnnl_memory_desc_t *desc;
  if (to && plan->outputs[tensor] && dnnl_memory_get_memory_desc(plan->tensors[tensor].plain, &desc) == dnnl_success)
    memcpy(to, plan->outputs[tensor], dnnl_memory_desc_get_size(desc));
}

int benchconv_read(void *state, void *output, void *d_bias) {
  plan_t *plan = state;
  copy_out(plan, plan->result, output);
  copy_out(plan, BIAS, d_bias);
  return 0;
}

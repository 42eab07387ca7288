/** The chapters of the lesson, in their order. */
export const CHAPTERS = [
  { name: "convolution", title: "What is a convolution?" },
  { name: "sizes", title: "Sizes: stride, padding, dilation" },
  { name: "connections", title: "Fully connected, locally connected, convolutional" },
  { name: "sharing", title: "Sparse interaction, sharing, equivariance" },
  { name: "filters", title: "Several filters, and volumes" },
  { name: "kernels", title: "Kernels that see edges" },
  { name: "receptive-fields", title: "Receptive fields" },
  { name: "matrix-product", title: "Convolution as a matrix product" },
  { name: "transforms", title: "FFT and Winograd: the same result" },
  { name: "pooling", title: "Pooling" },
  { name: "normalisation", title: "Rectification and normalisation" },
  { name: "classification", title: "Scores, softmax, cross-entropy" },
  { name: "gradient", title: "The gradient of a convolution" },
  { name: "jacobians", title: "Jacobians that nobody builds" },
  { name: "differentiation", title: "Forward and reverse differentiation" },
  { name: "training", title: "Training a small network" },
  { name: "networks", title: "Networks side by side" },
  { name: "breakdown", title: "Where the time goes, live" },
] as const;

export type ChapterName = (typeof CHAPTERS)[number]["name"];

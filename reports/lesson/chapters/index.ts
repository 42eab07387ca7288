import type { ChapterName } from "../../../suites/lectures/chapters.ts";
import type { Chapter } from "./chapter.ts";
import { convolution } from "./convolution.ts";
import { filters } from "./filters.ts";
import { kernels } from "./kernels.ts";
import { connections } from "./connections.ts";
import { sharing } from "./sharing.ts";
import { matrixProduct } from "./matrix-product.ts";
import { receptiveFields } from "./receptive-fields.ts";
import { classification } from "./classification.ts";
import { normalisation } from "./normalisation.ts";
import { pooling } from "./pooling.ts";
import { differentiation } from "./differentiation.ts";
import { gradient } from "./gradient.ts";
import { jacobians } from "./jacobians.ts";
import { networks } from "./networks.ts";
import { training } from "./training.ts";
import { breakdown } from "./breakdown.ts";
import { sizes } from "./sizes.ts";
import { transforms } from "./transforms.ts";

/** The chapters' texts. */
export const CHAPTER_PAGES: Readonly<Record<ChapterName, Chapter>> = {
  convolution,
  sizes,
  connections,
  sharing,
  filters,
  kernels,
  "receptive-fields": receptiveFields,
  "matrix-product": matrixProduct,
  transforms,
  pooling,
  normalisation,
  classification,
  gradient,
  jacobians,
  differentiation,
  training,
  networks,
  breakdown,
};

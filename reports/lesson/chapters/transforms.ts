import type { Chapter } from "./chapter.ts";

export const transforms: Chapter = {
  lead: "Two ways to have the same result with fewer multiplications, and what they cost.",
  examples: [],
  tests: [
    "reports/lesson/numbers/numbers.test.ts",
    "reference/bounds/fft.test.ts",
    "reference/bounds/winograd.test.ts",
  ],
  body: String.raw`
<h2>FFT: convolution becomes multiplication</h2>
<p>Write both signals as sums of waves. Convolving waves of one frequency multiplies their strengths, and other
frequencies do not meet: $\widehat{x * w} = \hat x \cdot \hat w$.</p>
<fourier-figure aria-label="Convolution by the Fourier transform"></fourier-figure>
<counts-figure aria-label="Multiplications, direct and by FFT"></counts-figure>
<p>The count above is for one channel. With many channels each image is transformed once and used for all filters, so
that the product of the frequencies dominates, and smaller kernels pay too.</p>
<h2>Winograd: share what windows have in common</h2>
<p>Neighbouring windows overlap. $F(2, 3)$ makes two outputs of a kernel of three with four multiplications, not
six:</p>
$$y = A^{\mathrm T}\left[(G\,g) \odot (B^{\mathrm T} d)\right]$$
<winograd-figure aria-label="Winograd's minimal filtering"></winograd-figure>
<p>The transforms of the kernel are made once. Those of the data are additions, and products with small constants.
How much
accuracy a tile may cost is derived in this project, not guessed: see the tests below.</p>`,
};

import { conjunctionMutant, parseConjunctions, type Conjunction } from "./conjunction.ts";
import type { Mutant } from "./mutant.ts";

/**
 * The first 72 conjunctions that `drawConjunctions(1)` gave, kept as they were, so that a factor or an effect that is
 * added does not make other mutants of them.
 */
const DRAWN = `
backwardWeights: last channel of a block of 4 skipped
  channels: 64 & bias: bias & output (inner): 16n
  g1mb1_ic64oc1_ih1oh1kh6sh5dh0ph0_iw16ow16kw2sw1dw0pw1 with bias
forward: last row zero
  rank: 2 & bias: no bias
  g1mb1_ic1oc128_ih18oh18kh1sh1dh0ph0_iw4ow1kw7sw4dw1pw4
backwardData: stride of the first axis
  stride (outer): larger than the kernel & padding (outer): cropped
  g512mb1_ic512oc512_ih38oh9kh2sh4dh0ph1_iw4ow2kw1sw2dw0pw0
forward: tail of a vector of 4 zero
  kernel (inner): 3 & dilation (inner): 1 & padding (inner): full
  g5mb3_ic5oc5_id3od4kd1sd1dd0pd1_ih1oh1kh1sh2dh0ph0_iw13ow15kw3sw1dw0pw2
forward: last element zero
  kernel (outer): 32 to 127 & padding (outer): cropped
  g512mb1_ic512oc512_ih514oh1kh33sh1dh15ph0_iw1ow1kw1sw2dw0pw0 with bias
backwardWeights: every group reads the first
  channels: below 64 & bias: bias & padding (inner): none
  g63mb2_ic63oc63_iw148ow37kw2sw4dw1pw0 with bias
forward: stale scratch added
  bias: bias & dilation (inner): 12 and over
  g7mb8_ic7oc21_iw1161ow1kw65sw8dw31pw350 with bias
backwardData: tail of a vector of 4 zero
  groups: many groups & kernel (inner): 2 & output (inner): under 16, broken
  g13mb1_ic65oc182_iw17ow9kw2sw2dw0pw1
backwardData: one product doubled
  groups: few groups & channels: below 512 & padding (outer): cropped
  g2mb1_ic770oc18_ih9oh4kh1sh2dh0ph0_iw1ow1kw1sw2dw0pw0
backwardWeights: ninth plane doubled
  input (outer): as the kernel & dilation (inner): 12 and over
  g1mb1_ic24oc1_ih2oh1kh2sh4dh0ph0_iw36ow12kw5sw3dw35pw72 with bias
backwardData: last row zero
  channels: 64 & input (outer): as the kernel
  g64mb1_ic64oc64_ih13oh1kh5sh4dh2ph0_iw189ow64kw1sw3dw0pw0
backwardData: sums of over 64 products in float16
  rank: 2 & filters: 512 & batch: 1
  g1mb1_ic1oc512_ih49oh17kh1sh3dh0ph1_iw1ow2kw1sw1dw0pw0
backwardWeights: last product lost
  stride (outer): larger than the kernel & output (outer): under 16, broken
  g32mb2_ic32oc32_id99od15kd4sd6dd2pd2_ih4oh2kh2sh2dh0ph1_iw2ow1kw1sw2dw0pw0
backwardData: last channel of a block of 8 skipped
  filters: odd, under 8 & stride (outer): 1
  g2mb1_ic16oc6_ih128oh128kh2sh1dh0ph1_iw1ow1kw2sw2dw0pw0
backwardWeights: sums of over 256 products in bfloat16
  batch: 16 to 63 & dilation (outer): 1 & output (inner): under 16, broken
  g7mb33_ic7oc7_id5od7kd1sd1dd0pd1_ih2oh1kh2sh1dh0ph0_iw12ow7kw1sw2dw0pw1
forward: last image copied from the one before
  bias: no bias & padding (inner): even & input (inner): smaller than the kernel
  g129mb4_ic129oc129_iw4ow2kw3sw3dw1pw2
backwardData: last column zero
  kernel (outer): 2 & stride (outer): 2 & output (outer): 64n
  g1mb1_ic7oc9_ih129oh64kh2sh2dh0ph0_iw2ow3kw1sw2dw0pw1
backwardWeights: last input column unread
  rank: 2 & groups: depthwise & input (outer): 8n
  g16mb19_ic16oc16_ih64oh17kh1sh4dh0ph1_iw2ow1kw4sw2dw0pw2 with bias
forward: tail of a vector of 8 zero
  rank: 2 & dilation (inner): 2 & output (inner): 64 to 1023, broken
  g1mb1_ic1oc7_ih31oh31kh1sh1dh0ph0_iw138ow69kw2sw2dw1pw1 with bias
backwardData: last channel of a block of 8 skipped
  channels: 8 & input (outer): odd & kernel (inner): 3
  g1mb1_ic8oc1_ih255oh256kh1sh1dh0ph1_iw5ow3kw3sw3dw0pw2
backwardWeights: last product lost
  dilation (outer): larger than the input & padding (inner): even & output (inner): under 16, broken
  g512mb1_ic512oc512_id9od1kd2sd2dd11pd1_ih1oh1kh1sh1dh0ph0_iw13ow5kw2sw3dw1pw1 with bias
backwardWeights: last channel of a block of 8 skipped
  groups: few groups & channels: above 128 & output (inner): 16 to 63, broken
  g2mb1_ic258oc2_ih8oh1kh5sh4dh0ph0_iw48ow17kw1sw3dw0pw1
forward: planes after blocks of 4 zero
  rank: 2 & bias: no bias & input (outer): 8n
  g25mb15_ic25oc25_ih56oh8kh6sh6dh2ph3_iw2ow1kw1sw2dw0pw0
backwardWeights: last column zero
  bias: no bias & dilation (inner): 1 & input (inner): as the kernel
  g6mb1_ic6oc12_iw10ow1kw10sw2dw0pw0
backwardWeights: operands in TF32
  stride (inner): 1 & dilation (inner): larger than the input
  g257mb1_ic257oc257_ih1oh1kh3sh1dh0ph1_iw1ow16kw2sw1dw15pw13 with bias
backwardData: stale scratch added
  filters: above 32 & dilation (inner): 2 & padding (inner): none
  g24mb1_ic24oc48_iw6ow4kw2sw1dw1pw0
backwardData: last channel of a block of 8 skipped
  channels: above 16 & kernel (inner): 4 to 30, even
  g1mb3_ic17oc16_iw10ow2kw4sw3dw0pw1
backwardWeights: last channel of a block of 4 skipped
  output (inner): 64 to 1023, broken & input (inner): 8n
  g1mb6_ic15oc1_iw128ow129kw1sw1dw0pw0
forward: stride of the first axis
  channels: 128 & input (outer): odd
  g128mb2_ic128oc128_ih35oh1kh32sh2dh0ph0_iw3ow2kw1sw3dw0pw1
forward: last image copied from the one before
  dilation (outer): 1 & input (outer): 1
  g317mb2_ic317oc317_ih1oh1kh1sh2dh0ph0_iw28ow1kw32sw33dw3pw20 with bias
backwardWeights: last channel of a block of 8 skipped
  rank: 2 & output (outer): 16n & stride (inner): 3
  g1mb1_ic9oc2_ih31oh16kh1sh2dh0ph0_iw23ow8kw8sw3dw0pw3
forward: tail of a vector of 4 zero
  filters: below 64 & input (outer): 1 & output (inner): 64 to 1023, broken
  g1mb1_ic1oc49_ih1oh1kh1sh1dh0ph0_iw162ow65kw5sw2dw7pw0 with bias
backwardData: padding of the end at the beginning
  channels: above 256 & output (outer): 16n
  g257mb4_ic257oc257_ih14oh16kh1sh1dh0ph2_iw1ow1kw1sw1dw0pw0
backwardData: stride of the first axis
  padding (outer): none & output (inner): 64 to 1023, broken
  g20mb1_ic20oc60_ih7oh1kh3sh2dh2ph0_iw112ow113kw1sw1dw0pw1
backwardData: last channel of a block of 8 skipped
  rank: 1 & channels: below 256 & batch: 4 to 15, odd
  g2mb5_ic386oc16_iw1ow1kw1sw1dw0pw0
backwardData: planes after blocks of 8 zero
  batch: 4 to 15, odd & stride (outer): 3 & input (inner): even
  g50mb5_ic50oc150_ih2oh1kh2sh3dh0ph0_iw46ow16kw1sw3dw0pw0
forward: tail of a vector of 8 zero
  batch: 4 to 15, even & input (inner): 8n + 4
  g3mb8_ic96oc3_iw36ow37kw1sw1dw0pw0
forward: dilation ignored
  kernel (outer): 2 & dilation (inner): 12 and over & output (inner): under 16, broken
  g257mb1_ic257oc257_ih4oh2kh2sh4dh2ph2_iw16ow6kw3sw1dw11pw14 with bias
backwardWeights: last channel of a block of 8 skipped
  channels: 256 & filters: below 256 & padding (outer): none
  g1mb2_ic256oc193_ih8oh1kh7sh2dh0ph0_iw3ow1kw1sw1dw0pw0 with bias
forward: column 16 doubled
  dilation (inner): 12 and over & padding (inner): full
  g31mb4_ic31oc31_iw121ow55kw4sw4dw31pw96
backwardData: tail of a vector of 4 zero
  dilation (outer): 2 & padding (inner): more at the end
  g5mb1_ic5oc5_ih162oh1kh64sh64dh1ph1_iw30ow16kw4sw2dw0pw1
forward: last channel of a block of 4 skipped
  groups: one group & channels: even, under 8 & batch: 64 and over
  g1mb67_ic6oc1_iw23ow4kw4sw2dw4pw0
forward: operands in TF32
  groups: one group & dilation (outer): 4 to 11 & output (inner): 32n
  g1mb1_ic1oc24_ih8oh8kh3sh1dh3ph4_iw29ow32kw1sw1dw0pw2 with bias
backwardData: tail of a vector of 4 zero
  rank: 1 & padding (inner): full
  g6mb15_ic6oc6_iw6ow8kw3sw1dw0pw2
forward: every group reads the first
  kernel (outer): 4 to 30, even & input (outer): smaller than the kernel & stride (inner): 2
  g7mb7_ic7oc7_id5od2kd8sd2dd0pd3_ih1oh1kh1sh2dh0ph0_iw4ow2kw3sw2dw1pw2 with bias
backwardWeights: padding read as the edge
  bias: no bias & padding (inner): full
  g1mb1_ic128oc1_iw12ow7kw2sw2dw0pw1
forward: stride of the first axis
  output (outer): 64n & input (outer): 8n + 4
  g1mb1_ic32oc1_ih132oh64kh2sh2dh1ph1_iw4ow4kw1sw1dw0pw0
forward: planes after blocks of 4 zero
  rank: 2 & channels: above 512 & kernel (inner): 128 and over
  g513mb1_ic513oc513_ih4oh1kh1sh4dh0ph0_iw768ow1kw256sw6dw2pw0 with bias
backwardData: kernel flipped
  rank: 2 & dilation (outer): 4 to 11 & dilation (inner): 12 and over
  g1mb65_ic1oc32_ih6oh1kh2sh2dh4ph0_iw101ow1kw5sw5dw23pw1
backwardWeights: last product lost
  channels: below 32 & stride (inner): equal to the kernel & padding (inner): more at the beginning
  g9mb3_ic27oc225_iw5ow1kw5sw5dw0pw2
forward: last channel of a block of 16 skipped
  rank: 3 & dilation (inner): 12 and over & input (inner): 8n + 1
  g1mb1_ic512oc1_id13od8kd1sd2dd0pd1_ih1oh1kh1sh2dh0ph0_iw17ow3kw2sw4dw11pw1 with bias
backwardData: operands in TF32
  groups: depthwise & output (outer): 16n
  g764mb1_ic764oc764_id29od16kd2sd2dd0pd1_ih2oh1kh1sh2dh0ph0_iw5ow1kw1sw2dw0pw0
backwardWeights: tail of a vector of 4 zero
  groups: few groups & kernel (outer): 4 to 30, even & dilation (inner): 3
  g2mb1_ic14oc4_ih38oh1kh4sh2dh11ph0_iw395ow1kw129sw131dw2pw0 with bias
backwardData: sums of over 256 products in bfloat16
  rank: 1 & channels: 128 & filters: above 512
  g1mb2_ic128oc682_iw1ow1kw1sw3dw0pw0
backwardData: planes after blocks of 4 zero
  groups: depthwise & padding (inner): even & input (inner): 8n + 1
  g49mb17_ic49oc49_iw9ow3kw4sw4dw1pw3
backwardWeights: kernel flipped
  kernel (outer): 128 and over & stride (outer): 1
  g9mb17_ic9oc9_ih130oh1kh128sh1dh0ph0_iw2ow1kw1sw2dw0pw0
backwardWeights: sums of over 256 products in bfloat16
  batch: 64 and over & output (inner): thousands
  g1mb64_ic1oc8_ih1oh1kh1sh4dh0ph0_iw1023ow1025kw1sw1dw0pw1
backwardWeights: last row zero
  bias: no bias & output (outer): 8n & input (outer): even
  g1mb2_ic49oc2_ih38oh8kh2sh5dh2ph1_iw24ow3kw2sw4dw11pw1
backwardWeights: gradient of the first image only
  bias: bias & dilation (inner): 4 to 11 & padding (inner): full
  g65mb3_ic65oc65_iw53ow25kw5sw4dw10pw44 with bias
backwardWeights: padding of the end at the beginning
  kernel (outer): 7 to 31, odd & output (outer): 16 to 63, broken & input (inner): 8n + 1
  g64mb1_ic64oc64_id24od17kd7sd1dd11pd65_ih1oh1kh1sh2dh0ph0_iw9ow3kw1sw4dw0pw0 with bias
forward: second tap shifted
  stride (inner): 2 & dilation (inner): 4 to 11
  g1mb257_ic4oc1_ih5oh1kh5sh3dh0ph1_iw20ow1kw3sw2dw10pw1 with bias
forward: dilation ignored
  groups: depthwise & filters: 128 & bias: no bias
  g128mb33_ic128oc128_iw7ow1kw3sw2dw2pw0
forward: planes after blocks of 8 zero
  filters: below 256 & batch: 4 to 15, even & output (inner): 64 to 1023, broken
  g117mb6_ic117oc234_ih20oh1kh7sh7dh2ph0_iw258ow65kw1sw4dw0pw0
forward: last image copied from the one before
  kernel (inner): 4 to 30, even & stride (inner): other
  g16mb2_ic16oc16_iw79ow24kw6sw5dw7pw40 with bias
forward: ninth plane doubled
  kernel (inner): 5 & padding (inner): more at the end
  g15mb1_ic15oc15_iw2ow4kw5sw1dw1pw4 with bias
backwardWeights: last product lost
  bias: no bias & output (inner): 4n & input (inner): 8n
  g1mb7_ic4oc1_iw40ow20kw3sw2dw0pw1
forward: bias on the first image only
  groups: depthwise with multiplier & stride (inner): other & dilation (inner): 12 and over
  g63mb5_ic63oc252_iw254ow1kw8sw4dw35pw0 with bias
backwardData: last row zero
  output (outer): 2 or 3 & input (inner): 8n
  g1mb1_ic257oc1_ih4oh2kh1sh3dh0ph0_iw128ow32kw1sw4dw0pw1
forward: last column zero
  rank: 2 & kernel (outer): 5 & output (outer): 8n
  g64mb1_ic64oc64_ih7oh8kh5sh2dh2ph9_iw1ow1kw4sw1dw0pw0
forward: operands in TF32
  output (inner): 4n & input (inner): odd
  g18mb1_ic18oc54_iw55ow28kw6sw2dw0pw3 with bias
backwardWeights: stale scratch added
  batch: 4 to 15, odd & padding (outer): even & output (outer): 4n
  g17mb5_ic17oc17_id10od4kd3sd3dd0pd1_ih3oh2kh3sh1dh0ph0_iw5ow3kw1sw2dw0pw1 with bias
backwardWeights: last column zero
  channels: above 8 & kernel (outer): 4 to 30, even & input (outer): 8n + 1
  g12mb2_ic12oc12_ih9oh2kh6sh3dh0ph1_iw18ow8kw3sw2dw0pw1 with bias
`;

export const CONJUNCTIONS: readonly Conjunction[] = parseConjunctions(DRAWN);

/** Mutants that are right everywhere but where two or three classes of a problem meet. */
export const CONJUNCTION_MUTANTS: readonly Mutant[] = CONJUNCTIONS.map((conjunction, i) =>
  conjunctionMutant(`conjunction-${String(i + 1).padStart(2, "0")}`, conjunction),
);

/** What `ioreg -r -d 1 -w 0 -c IOAccelerator` prints, in the forms that were found in public reports. Other properties are left out. */

const entry = (header: string, properties: readonly string[]): string =>
  [header, "    {", ...properties.map((line) => `      ${line}`), "    }", "    ", ""].join("\n");

const M1_HEADER =
  "+-o AGXAcceleratorG13X  <class AGXAcceleratorG13X, id 0x10000087c, registered, matched, active, busy 0 (17 ms), retain 24>";
const M1_STATISTICS =
  '"PerformanceStatistics" = {"TiledSceneBytes"=1572864,"Alloc system memory"=1214005248,"Tiler Utilization %"=2,"recoveryCount"=0,"Renderer Utilization %"=2,"Device Utilization %"=2,"In use system memory"=340983808}';

const m1 = entry(M1_HEADER, [
  '"IOMatchedAtBoot" = Yes',
  '"AGCInfo" = {"fLastSubmissionPID"=390,"fSubmissionsSinceLastCheck"=0,"fBusyCount"=0}',
  M1_STATISTICS,
  '"model" = "Apple M1 Pro"',
  '"gpu-core-count" = 16',
]);

export const IOREG_OUTPUT = {
  /** exelban/stats issue 1094. */
  m1,
  /** Newer releases print the part of the driver first, in a key that begins with the same words. */
  m4: entry(
    "+-o AGXAcceleratorG17X  <class AGXAcceleratorG17X, id 0x10000076b, registered, matched, active, busy 0 (21188 ms), retain 66>",
    [
      '"PerformanceStatistics" = {"In use system memory (driver)"=0,"Alloc system memory"=31368167424,"Device Utilization %"=99,"In use system memory"=28367667200}',
      '"model" = "Apple M4"',
    ],
  ),
  /** A Mac with an Intel processor: exelban/stats issue 649. */
  intel: entry(
    "+-o IntelAccelerator  <class IntelAccelerator, id 0x100000412, registered, matched, active, busy 0 (14 ms)>",
    ['"PerformanceStatistics" = {"textureCount"=1710,"Device Utilization %"=3}'],
  ),
  truncated: m1.slice(0, m1.indexOf("Renderer")),
  none: "",
} as const;

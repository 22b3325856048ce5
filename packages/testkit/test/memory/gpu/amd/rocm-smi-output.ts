/**
 * What `rocm-smi` prints with `--json`, in the forms that were found in public reports. Values are shortened, never the form.
 */

const json = (value: unknown): string => `${JSON.stringify(value)}\n`;

/** marimo-team/marimo issue 9237, with the line of `--showuniqueid` (mudler/LocalAI pull 7761). */
const RX_7900_XT = {
  "Unique ID": "0xa32343daf897162a",
  "VRAM Total Memory (B)": "21458059264",
  "VRAM Total Used Memory (B)": "27856896",
  "Card Series": "Radeon RX 7900 XT",
  "Card Model": "0x744c",
  "Card Vendor": "Advanced Micro Devices, Inc. [AMD/ATI]",
  "Node ID": "1",
  GUID: "26967",
  "GFX Version": "gfx1100",
} as const;
/** The integrated GPU of a Ryzen: mudler/LocalAI pull 7761. */
const RAPHAEL = {
  "Unique ID": "N/A",
  "VRAM Total Memory (B)": "67108864",
  "VRAM Total Used Memory (B)": "26079232",
  "Card Series": "Raphael",
  "Card Model": "0x164e",
  "Node ID": "2",
  GUID: "52156",
  "GFX Version": "gfx1036",
} as const;

const one = json({ card0: RX_7900_XT });

/** Answers to `--showmeminfo vram --showuniqueid --showproductname --json`. */
export const CARDS_OUTPUT = {
  one,
  mixed: json({ card0: RX_7900_XT, card1: RAPHAEL }),
  /** Node and card are different numbers (ROCm/rocm_smi_lib issue 159: card0 is node 7), so their orders may differ too. */
  reversedNodes: json({ card0: { ...RX_7900_XT, "Node ID": "2" }, card1: { ...RAPHAEL, "Node ID": "1" } }),
  /** Before ROCm 6 there is no node, and the key is "Card series". */
  old: json({
    card0: { "VRAM Total Memory (B)": "21458059264", "VRAM Total Used Memory (B)": "1", "Card series": "Navi 31" },
    card1: { "VRAM Total Memory (B)": "67108864", "VRAM Total Used Memory (B)": "2", "Card series": "Raphael" },
  }),
  /** Before the JSON, on standard output: marimo-team/marimo, tests of its answer to issue 9237. */
  afterWarning: `WARNING: AMD GPU device(s) is/are in a low-power state. Check power control/runtime_status\n\n${one}`,
  /** sebhildebrandt/systeminformation pull 960 has "N/A" as the value of several keys. */
  notAvailable: json({
    card0: { ...RX_7900_XT, "VRAM Total Memory (B)": "N/A", "VRAM Total Used Memory (B)": "N/A", "Card Series": "N/A" },
  }),
} as const;

/** Standard error with exit code 0: ROCm/ROCm issue 2767. */
export const NO_DRIVER = "ERROR:root:Driver not initialized (amdgpu not found in modules)\n";

/**
 * Answers to `--showpids --json`: `PID<number>` under "system", and each value is the row of the table `PID, PROCESS NAME, GPU(s), VRAM USED, SDMA USED, CU OCCUPANCY`
 * without its first cell. GPU(s) is a count: ROCm/rocm-systems issue 4405.
 */
export const PIDS_OUTPUT = {
  /** ROCm/ROC-smi issue 60. */
  several: json({
    system: {
      PID3722222: "test_ref, 0, 0, 0, 0",
      PID1168514: "pt_main_thread, 1, 177386942464, 0, 4",
    },
  }),
  of: (pid: number, bytes: number) => json({ system: { [`PID${pid}`]: `node, 1, ${bytes}, 0, 0` } }),
  commaInName: json({ system: { PID7: "a, strange, name, 1, 5, 0, 0" } }),
  /** A process that does not see every GPU: ROCm/ROCm issue 3002. */
  unknown: json({ system: { PID2254756: "work, 1, UNKNOWN, UNKNOWN, UNKNOWN" } }),
} as const;

/** Standard error with exit code 0 and no output: no process uses a GPU (`No JSON data to report` in ROCm's `rocm_smi.py`). */
export const NO_PROCESSES = "WARNING: No JSON data to report\n";

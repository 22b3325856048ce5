export { formatBytes } from "./format-bytes.js";
export { formatMs } from "./format-ms.js";
export { formatCount, formatNumber, formatP, formatShare, formatValue, plural, withUnit } from "./format-number.js";
export { median, quantileSorted, sortNumbers } from "./quantile.js";

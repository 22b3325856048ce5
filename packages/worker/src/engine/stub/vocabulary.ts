// prettier-ignore
/** The stub's vocabulary; the last two are punctuation. */
export const VOCABULARY = [
  "amber", "anchor", "autumn", "bridge", "candle", "canyon", "cedar", "cloud", "copper", "coral", "delta", "dune",
  "ember", "falcon", "fern", "flint", "garden", "glacier", "harbor", "hazel", "island", "ivory", "jasper", "kernel",
  "lantern", "lichen", "maple", "meadow", "mirror", "nectar", "oasis", "onyx", "orchid", "pebble", "prairie", "quartz",
  "raven", "reef", "river", "saffron", "silver", "spruce", "summit", "thistle", "tundra", "valley", "velvet", "willow",
  "winter", "zephyr", ",", ".",
];

/** All kinds of text that break a careless decoder. */
export const UNICODE_SAMPLE = [
  "naïve café ", // two-byte characters
  "日本語の文章 ", // three-byte characters
  "🎉🚀 ", // four-byte characters
  "👩‍👩‍👧‍👦 ", // a family: four emoji joined by U+200D
  "🇩🇪 ", // regional indicators
  "e\u0301a\u030a ", // combining marks
  "שלום مرحبا ", // right to left
  "line\u2028separator ", // valid in JSON, a line end in older JavaScript
  "nul\u0000byte ",
  "\ufeffbom ",
  'quote " backslash \\ newline \n tab \t ',
].join("");

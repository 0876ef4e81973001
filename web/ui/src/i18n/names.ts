// Names of the network's tables and of documents, in words where there are some.

import { word } from "./index.svelte";

const inWords = (of: string, name: string): string => {
  const words = word(of + name);
  return words === of + name ? name : words;
};

/** columnName is a column in words, or as the file has it. */
export const columnName = (column: string): string => inWords("col_", column);

/** valueName is a value in words, or as the file has it. */
export const valueName = (value: string): string => inWords("opt_", value);

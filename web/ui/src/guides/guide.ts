/** Guide is one of the pages of docs/, as it is built into the program. */
export interface Guide {
  name: string; // in the address: /help/NAME
  title: string;
  html: string;
  /** its headings with what follows each, to search */
  sections: { id: string; title: string; text: string }[];
}

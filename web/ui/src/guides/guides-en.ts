export { default } from "virtual:guides/en";

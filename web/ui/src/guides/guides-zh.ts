export { default } from "virtual:guides/zh";

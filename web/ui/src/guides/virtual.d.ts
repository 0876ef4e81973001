declare module "virtual:guides/*" {
  const guides: import("./guide").Guide[];
  export default guides;
}

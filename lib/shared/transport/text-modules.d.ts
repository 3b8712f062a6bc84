/** Files that the bundle includes as text. */
declare module "*.sh" {
  const text: string;
  export default text;
}
declare module "*.awk" {
  const text: string;
  export default text;
}

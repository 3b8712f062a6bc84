/** Files that the bundle carries as text. */
declare module "*.sh" {
  const text: string;
  export default text;
}

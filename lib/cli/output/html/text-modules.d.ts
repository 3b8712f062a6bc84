/** Files that are part of the page, as text: see `loader` in build/cli-bundle.ts. */
declare module "*.css" {
  const text: string;
  export default text;
}
declare module "*.browser.js" {
  const text: string;
  export default text;
}

export { HttpServer } from "./server.js";

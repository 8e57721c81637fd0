export { addAdmin } from "./add-admin.js"

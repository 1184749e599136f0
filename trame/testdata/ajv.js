// Judges numbered JSON documents by a schema, with ajv: node ajv.js NODE_MODULES SCHEMA DOC...
// Prints 1 (valid) or 0 a line.
const [modules, schema, ...docs] = process.argv.slice(2);
const fs = require("fs"), path = require("path");
const Ajv = require(path.join(modules, "ajv", "dist", "2020")).default;
const valider = new Ajv({ strict: true, strictRequired: false, validateFormats: false, allowUnionTypes: false, keywords: ["components"] })
  .compile(JSON.parse(fs.readFileSync(schema)));
for (const d of docs) console.log(valider(JSON.parse(fs.readFileSync(d))) ? 1 : 0);

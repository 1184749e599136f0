// The other side of the seals, by npm jose: verifies ours, makes its own for us
// to verify, decrypts ours, encrypts for us. Reads one JSON object on standard
// input, writes one on standard output.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const dossier = join(process.env.ECLUSE_NPM, 'jose')
const exporte = JSON.parse(readFileSync(join(dossier, 'package.json'), 'utf8')).exports['.']
const entree = typeof exporte === 'string' ? exporte : (exporte.node?.import ?? exporte.import ?? exporte.default)
const jose = await import(pathToFileURL(join(dossier, entree)).href)

const texte = new TextEncoder()
const q = JSON.parse(readFileSync(0, 'utf8'))
const r = { verifies: [], sceaux: [] }

// Seals made by us, and a copy over another payload, which must be refused.
for (const s of q.sceaux) {
  const [entete, , signature] = s.jws.split('.')
  const cle = await jose.importX509(s.certificat, s.alg)
  const verifie = (payload) => jose.flattenedVerify({ protected: entete, payload: texte.encode(payload), signature }, cle,
    { crit: { sigT: true }, algorithms: [s.alg] }).then((v) => v.protectedHeader.alg, (e) => e.code)
  r.verifies.push({ nom: s.nom, bon: await verifie(q.charge), altere: await verifie(q.charge + ' ') })
}

// Seals made here, as a hospital's software would.
for (const a of q.aSigner) {
  const cle = await jose.importPKCS8(a.cle, a.alg)
  const entete = { alg: a.alg, x5c: a.x5c, 'x5t#S256': a.empreinte }
  if (a.b64 === false) Object.assign(entete, { b64: false, crit: ['b64', 'sigT'], sigT: '2026-11-22T10:30:15Z' })
  else Object.assign(entete, { iat: 1795343415 })
  const j = await new jose.FlattenedSign(texte.encode(q.charge)).setProtectedHeader(entete)
    .sign(cle, { crit: { sigT: true } })
  r.sceaux.push({ nom: a.nom, jws: `${j.protected}..${j.signature}` })
}

const privee = await jose.importPKCS8(q.jwe.clePrivee, 'ECDH-ES')
const d = await jose.compactDecrypt(q.jwe.notre, privee, { keyManagementAlgorithms: ['ECDH-ES'], contentEncryptionAlgorithms: ['A256GCM'] })
r.clair = new TextDecoder().decode(d.plaintext)
r.kid = d.protectedHeader.kid
const publique = await jose.importSPKI(q.jwe.clePublique, 'ECDH-ES')
r.jwe = await new jose.CompactEncrypt(texte.encode(q.jwe.clair)).setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', kid: 'leur-clé' }).encrypt(publique)
r.jweAvecParties = await new jose.CompactEncrypt(texte.encode(q.jwe.clair)).setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', kid: 'leur-clé' })
  .setKeyManagementParameters({ apu: texte.encode('Alice'), apv: texte.encode('Bob') }).encrypt(publique)

process.stdout.write(JSON.stringify(r))

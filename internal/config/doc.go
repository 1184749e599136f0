// Package config reads the one configuration file of a process.
//
// The file is TOML. Its fields are documented once, in the struct tags of
// [Config]: [Decrire] prints them as a whole commented file with the defaults, and
// [Lire] refuses what it does not know. Every error names the file and the line.
// Secrets are paths to files, never values; paths are relative to the file.
package config

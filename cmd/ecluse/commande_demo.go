package main

import "github.com/urfave/cli/v3"

func commandeDemo() *cli.Command   { return &cli.Command{Name: "demo"} }
func commandeCharge() *cli.Command { return &cli.Command{Name: "charge"} }

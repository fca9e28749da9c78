package pki

var revocationFaults = []fault{}

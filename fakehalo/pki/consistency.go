package pki

var consistencyFaults = []fault{}

// Functions of the cases in this folder. Build them with: hrp build debugtalk.go
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
)

// Sign is ${sign($user)} in a case: the signature of a user, as 64 digits.
func Sign(user string) string {
	mac := hmac.New(sha256.New, []byte("not a secret"))
	mac.Write([]byte(user))
	return hex.EncodeToString(mac.Sum(nil))
}

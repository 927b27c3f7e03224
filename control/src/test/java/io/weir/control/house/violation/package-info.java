/** Classes that break the rules of the hot packages, to prove that each rule can fail. */
package io.weir.control.house.violation;

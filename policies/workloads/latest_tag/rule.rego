# METADATA
# title: Images name their content
# description: >-
#   A new image should have a digest, or a tag that is not latest.
# custom:
#   id: POL-workloads-latest-tag
#   level: warn
#   scope: action
package stratus.workloads.latest_tag

import data.stratus.lib

warn contains {
	"msg": sprintf("%s runs %s, which is whatever was pushed last", [input.action.on, image]),
	"hint": "name a version or a digest",
} if {
	some image in lib.new_images
	lib.floating(image)
}

/* Written by scripts/crds from the CRDs' schemas; edit manifests/crds/src, not this file. */
#include "fields_known.h"

/* clang-format off */
const char *const fields_rows[] = {
    /* 0 */
     "",
    /* 1 */
     "annotations creationTimestamp deletionGracePeriodSeconds deletionTimestamp finalizers "
     "generateName generation labels managedFields name namespace ownerReferences resourceVersion "
     "selfLink uid",
    /* 2 */
     "apiVersion kind metadata:1 spec",
    /* 3 */
     "name value",
    /* 4 */
     "name params:3",
    /* 5 */
     "apiVersion kind name namespace",
    /* 6 */
     "mountPath mountPropagation name readOnly recursiveReadOnly subPath subPathExpr",
    /* 7 */
     "alias args exclude paths ref:5 replicas snapshotClassName volumeMounts:6",
    /* 8 */
     "localhostProfile type",
    /* 9 */
     "level role type user",
    /* 10 */
     "gmsaCredentialSpec gmsaCredentialSpecName hostProcess runAsUserName",
    /* 11 */
     "appArmorProfile:8 fsGroup fsGroupChangePolicy runAsGroup runAsNonRoot runAsUser "
     "seLinuxChangePolicy seLinuxOptions:9 seccompProfile:8 supplementalGroups "
     "supplementalGroupsPolicy sysctls:3 windowsOptions:10",
    /* 12 */
     "name",
    /* 13 */
     "key operator values",
    /* 14 */
     "matchExpressions:13 matchFields:13",
    /* 15 */
     "preference:14 weight",
    /* 16 */
     "nodeSelectorTerms:14",
    /* 17 */
     "preferredDuringSchedulingIgnoredDuringExecution:15 "
     "requiredDuringSchedulingIgnoredDuringExecution:16",
    /* 18 */
     "matchExpressions:13 matchLabels",
    /* 19 */
     "labelSelector:18 matchLabelKeys mismatchLabelKeys namespaceSelector:18 namespaces "
     "topologyKey",
    /* 20 */
     "podAffinityTerm:19 weight",
    /* 21 */
     "preferredDuringSchedulingIgnoredDuringExecution:20 "
     "requiredDuringSchedulingIgnoredDuringExecution:19",
    /* 22 */
     "nodeAffinity:17 podAffinity:21 podAntiAffinity:21",
    /* 23 */
     "effect key operator tolerationSeconds value",
    /* 24 */
     "conditionType",
    /* 25 */
     "labelSelector:18 matchLabelKeys maxSkew minDomains nodeAffinityPolicy nodeTaintsPolicy "
     "topologyKey whenUnsatisfiable",
    /* 26 */
     "affinity:22 automountServiceAccountToken enableServiceLinks imagePullSecrets:12 nodeName "
     "nodeSelector podAnnotations podLabels priority priorityClassName readinessGates:24 "
     "runtimeClassName schedulerName securityContext:11 serviceAccountAnnotations "
     "serviceAccountName tolerations:23 topologySpreadConstraints:25",
    /* 27 */
     "name request",
    /* 28 */
     "claims:27 limits requests",
    /* 29 */
     "command",
    /* 30 */
     "port service",
    /* 31 */
     "host httpHeaders:3 path port scheme",
    /* 32 */
     "host port",
    /* 33 */
     "exec:29 failureThreshold grpc:30 httpGet:31 initialDelaySeconds periodSeconds "
     "successThreshold tcpSocket:32 terminationGracePeriodSeconds timeoutSeconds",
    /* 34 */
     "seconds",
    /* 35 */
     "exec:29 httpGet:31 sleep:34 tcpSocket:32",
    /* 36 */
     "postStart:35 preStop:35 stopSignal",
    /* 37 */
     "add drop",
    /* 38 */
     "allowPrivilegeEscalation appArmorProfile:8 capabilities:37 privileged procMount "
     "readOnlyRootFilesystem runAsGroup runAsNonRoot runAsUser seLinuxOptions:9 seccompProfile:8 "
     "windowsOptions:10",
    /* 39 */
     "adjustment",
    /* 40 */
     "class classData",
    /* 41 */
     "name optional",
    /* 42 */
     "configMapRef:41 prefix secretRef:41",
    /* 43 */
     "key name optional",
    /* 44 */
     "apiVersion fieldPath",
    /* 45 */
     "key optional path volumeName",
    /* 46 */
     "containerName divisor resource",
    /* 47 */
     "configMapKeyRef:43 fieldRef:44 fileKeyRef:45 resourceFieldRef:46 secretKeyRef:43",
    /* 48 */
     "name value valueFrom:47",
    /* 49 */
     "env:48 envFrom:42 ionice:40 lifecycle:36 livenessProbe:33 nice:39 readinessProbe:33 "
     "resources:28 securityContext:38",
    /* 50 */
     "container:49 pod:26",
    /* 51 */
     "disableCaching medium sizeLimit",
    /* 52 */
     "apiVersion blockOwnerDeletion controller kind name uid",
    /* 53 */
     "annotations finalizers generateName labels name namespace ownerReferences:52",
    /* 54 */
     "apiGroup kind name",
    /* 55 */
     "apiGroup kind name namespace",
    /* 56 */
     "limits requests",
    /* 57 */
     "accessModes dataSource:54 dataSourceRef:55 resources:56 selector:18 storageClassName "
     "volumeAttributesClassName volumeMode volumeName",
    /* 58 */
     "lastProbeTime lastTransitionTime message reason status type",
    /* 59 */
     "status targetVolumeAttributesClassName",
    /* 60 */
     "accessModes allocatedResourceStatuses allocatedResources capacity conditions:58 "
     "currentVolumeAttributesClassName modifyVolumeStatus:59 phase",
    /* 61 */
     "apiVersion kind metadata:53 spec:57 status:60",
    /* 62 */
     "key values",
    /* 63 */
     "body form:62 host httpHeaders:3 path port scheme",
    /* 64 */
     "containerName exec:29 httpGet:31 httpPost:63 tcpSocket:32",
    /* 65 */
     "containerName exec:29 executionPolicy httpGet:31 httpPost:63 tcpSocket:32",
    /* 66 */
     "postBackup:65 preBackup:64",
    /* 67 */
     "hooks:66 interimVolumeTemplate:61 runtimeSettings:50 target:7 task:4 tempDir:51",
    /* 68 */
     "name namespace",
    /* 69 */
     "dryRun keepDaily keepHourly keepLast keepMonthly keepTags keepWeekly keepYearly name prune",
    /* 70 */
     "delay maxRetry",
    /* 71 */
     "backupHistoryLimit driver executionOrder hooks:66 members:67 paused repository:68 "
     "retentionPolicy:69 retryConfig:70 runtimeSettings:50 schedule timeOut",
    /* 72 */
     "lastTransitionTime message observedGeneration reason severity status type",
    /* 73 */
     "conditions:72 target:5",
    /* 74 */
     "conditions:72 memberConditions:73 observedGeneration phase",
    /* 75 */
     "apiVersion kind metadata:1 spec:71 status:74",
    /* 76 */
     "fsType partition readOnly volumeID",
    /* 77 */
     "cachingMode diskName diskURI fsType kind readOnly",
    /* 78 */
     "readOnly secretName shareName",
    /* 79 */
     "monitors path readOnly secretFile secretRef:12 user",
    /* 80 */
     "fsType readOnly secretRef:12 volumeID",
    /* 81 */
     "key mode path",
    /* 82 */
     "defaultMode items:81 name optional",
    /* 83 */
     "driver fsType nodePublishSecretRef:12 readOnly volumeAttributes",
    /* 84 */
     "fieldRef:44 mode path resourceFieldRef:46",
    /* 85 */
     "defaultMode items:84",
    /* 86 */
     "medium sizeLimit",
    /* 87 */
     "metadata:53 spec:57",
    /* 88 */
     "volumeClaimTemplate:87",
    /* 89 */
     "fsType lun readOnly targetWWNs wwids",
    /* 90 */
     "driver fsType options readOnly secretRef:12",
    /* 91 */
     "datasetName datasetUUID",
    /* 92 */
     "fsType partition pdName readOnly",
    /* 93 */
     "directory repository revision",
    /* 94 */
     "endpoints path readOnly",
    /* 95 */
     "path type",
    /* 96 */
     "pullPolicy reference",
    /* 97 */
     "chapAuthDiscovery chapAuthSession fsType initiatorName iqn iscsiInterface lun portals "
     "readOnly secretRef:12 targetPortal",
    /* 98 */
     "path readOnly server",
    /* 99 */
     "claimName readOnly",
    /* 100 */
     "fsType pdID",
    /* 101 */
     "fsType readOnly volumeID",
    /* 102 */
     "labelSelector:18 name optional path signerName",
    /* 103 */
     "items:81 name optional",
    /* 104 */
     "items:84",
    /* 105 */
     "certificateChainPath credentialBundlePath keyPath keyType maxExpirationSeconds signerName",
    /* 106 */
     "audience expirationSeconds path",
    /* 107 */
     "clusterTrustBundle:102 configMap:103 downwardAPI:104 podCertificate:105 secret:103 "
     "serviceAccountToken:106",
    /* 108 */
     "defaultMode sources:107",
    /* 109 */
     "group readOnly registry tenant user volume",
    /* 110 */
     "fsType image keyring monitors pool readOnly secretRef:12 user",
    /* 111 */
     "fsType gateway protectionDomain readOnly secretRef:12 sslEnabled storageMode storagePool "
     "system volumeName",
    /* 112 */
     "defaultMode items:81 optional secretName",
    /* 113 */
     "fsType readOnly secretRef:12 volumeName volumeNamespace",
    /* 114 */
     "fsType storagePolicyID storagePolicyName volumePath",
    /* 115 */
     "awsElasticBlockStore:76 azureDisk:77 azureFile:78 cephfs:79 cinder:80 configMap:82 csi:83 "
     "downwardAPI:85 emptyDir:86 ephemeral:88 fc:89 flexVolume:90 flocker:91 gcePersistentDisk:92 "
     "gitRepo:93 glusterfs:94 hostPath:95 image:96 iscsi:97 mountPath nfs:98 "
     "persistentVolumeClaim:99 photonPersistentDisk:100 portworxVolume:101 projected:108 "
     "quobyte:109 rbd:110 scaleIO:111 secret:112 storageos:113 subPath vsphereVolume:114",
    /* 116 */
     "bucket endpoint insecureTLS prefix region",
    /* 117 */
     "bucket maxConnections prefix",
    /* 118 */
     "container maxConnections prefix",
    /* 119 */
     "container prefix",
    /* 120 */
     "url",
    /* 121 */
     "azure:118 b2:117 gcs:117 local:115 rest:120 s3:116 storageSecretName swift:119",
    /* 122 */
     "from selector:18",
    /* 123 */
     "allowedNamespaces:122",
    /* 124 */
     "backend:121 backupHistoryLimit backupNamespace hooks:66 interimVolumeTemplate:61 "
     "repoNamespace retentionPolicy:69 retryConfig:70 runtimeSettings:50 schedule task:4 "
     "tempDir:51 timeOut usagePolicy:123 wipeOut",
    /* 125 */
     "apiVersion kind metadata:1 spec:124",
    /* 126 */
     "backupHistoryLimit driver hooks:66 interimVolumeTemplate:61 paused repository:68 "
     "retentionPolicy:69 retryConfig:70 runtimeSettings:50 schedule target:7 task:4 tempDir:51 "
     "timeOut",
    /* 127 */
     "conditions:72 lastSuccessfulTime observedGeneration phase",
    /* 128 */
     "apiVersion kind metadata:1 spec:126 status:127",
    /* 129 */
     "invoker:54 retryLeft",
    /* 130 */
     "limit position",
    /* 131 */
     "createdAt ended exclusive holder hostname id pid",
    /* 132 */
     "grantedAt incomplete locks:131 renewedAt requestedAt retentionHeld state",
    /* 133 */
     "name waitingSince",
    /* 134 */
     "pod uid",
    /* 135 */
     "modifiedFiles newFiles totalFiles unmodifiedFiles",
    /* 136 */
     "fileStats:135 name path processingTime totalSize uploaded",
    /* 137 */
     "duration error hostname incomplete phase snapshots:136 warnings",
    /* 138 */
     "conditions:72 hosts:133 phase postBackupActions preBackupActions ref:5 stats:137 totalHosts "
     "worker:134",
    /* 139 */
     "admittedAt cluster conditions:72 nextRetry phase queue:130 retried sessionDeadline "
     "sessionDuration targets:138 turn:132",
    /* 140 */
     "apiVersion kind metadata:1 spec:129 status:139",
    /* 141 */
     "containerPort hostIP hostPort name protocol",
    /* 142 */
     "devicePath name",
    /* 143 */
     "args command image podSecurityPolicyName ports:141 runtimeSettings:49 volumeDevices:142 "
     "volumeMounts:6 workingDir",
    /* 144 */
     "apiVersion kind metadata:1 spec:143",
    /* 145 */
     "backend:121 usagePolicy:123 wipeOut",
    /* 146 */
     "apiGroup kind name namespace target",
    /* 147 */
     "grantedAt kind name namespace since state uid",
    /* 148 */
     "id seenAt",
    /* 149 */
     "container earlierSince endedAt hostname namespace pod session startedAt uid",
    /* 150 */
     "backendHash conditions:72 executors:149 firstBackupTime incomplete integrity lastBackupTime "
     "locks:148 observedGeneration references:146 repositoryID snapshotCount "
     "snapshotsRemovedOnLastCleanup totalSize turn:147",
    /* 151 */
     "apiVersion kind metadata:1 spec:145 status:150",
    /* 152 */
     "exclude include paths snapshots sourceHost targetHosts",
    /* 153 */
     "alias args ref:5 replicas rules:152 volumeClaimTemplates:61 volumeMounts:6",
    /* 154 */
     "postRestore:65 preRestore:64",
    /* 155 */
     "hooks:154 interimVolumeTemplate:61 runtimeSettings:50 target:153 task:4 tempDir:51",
    /* 156 */
     "driver executionOrder hooks:154 members:155 repository:68 timeOut",
    /* 157 */
     "duration error hostname phase warnings",
    /* 158 */
     "conditions:72 phase ref:5 stats:157 totalHosts",
    /* 159 */
     "conditions:72 members:158 phase sessionDeadline sessionDuration",
    /* 160 */
     "apiVersion kind metadata:1 spec:156 status:159",
    /* 161 */
     "driver hooks:154 interimVolumeTemplate:61 repository:68 rules:152 runtimeSettings:50 "
     "target:153 task:4 tempDir:51 timeOut",
    /* 162 */
     "admittedAt cluster conditions:72 hosts:133 phase sessionDeadline sessionDuration stats:157 "
     "totalHosts turn:132 worker:134",
    /* 163 */
     "apiVersion kind metadata:1 spec:161 status:162",
    /* 164 */
     "awsElasticBlockStore:76 azureDisk:77 azureFile:78 cephfs:79 cinder:80 configMap:82 csi:83 "
     "downwardAPI:85 emptyDir:86 ephemeral:88 fc:89 flexVolume:90 flocker:91 gcePersistentDisk:92 "
     "gitRepo:93 glusterfs:94 hostPath:95 image:96 iscsi:97 name nfs:98 persistentVolumeClaim:99 "
     "photonPersistentDisk:100 portworxVolume:101 projected:108 quobyte:109 rbd:110 scaleIO:111 "
     "secret:112 storageos:113 vsphereVolume:114",
    /* 165 */
     "steps:4 volumes:164",
    /* 166 */
     "apiVersion kind metadata:1 spec:165",
};

const struct fields_kind fields_kinds[] = {
    {"AppBinding", 2},
    {"BackupBatch", 75},
    {"BackupBlueprint", 125},
    {"BackupConfiguration", 128},
    {"BackupSession", 140},
    {"Function", 144},
    {"Repository", 151},
    {"RestoreBatch", 160},
    {"RestoreSession", 163},
    {"Task", 166},
    {0},
};
/* clang-format on */
